/** What the next model is made by: given wins over tuned, tuned over the defaults, and each says why. */
import { FileSystem } from "@effect/platform";
import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Logger } from "effect";
import fc from "fast-check";
import { refuses } from "../../layers/Trainer/Spark.ts";
import { defaultLearning } from "../../src/domain/Learning.ts";
import type { Recipe } from "../../src/domain/Model.ts";
import type { Tuned } from "../../src/domain/Tuned.ts";
import { Trainer } from "../../src/ports/Trainer.ts";
import { choice, choiceWith, chosen } from "../../src/training/Choice.ts";
import { forgetTuned, readTuned, writeTuned } from "../../src/training/TunedFile.ts";
import { inFolder } from "../support/Folder.ts";

const parameters = { rank: 32, regularization: 0.01, alpha: 1, iterations: 10, seed: 42 };
const defaults: Recipe = { parameters, learning: defaultLearning, metric: "cosine" };

const tuned = (parts: Partial<Tuned> = {}): Tuned => ({
  tunedAt: "2026-01-01T00:00:00.000Z",
  seed: 7,
  parameters: { rank: 64, regularization: 3, alpha: 40, regularizationExponent: 0.5, iterations: 5, seed: 7 },
  learning: { learner: "ema", rate: 0.4, decay: 0.7, blend: { decay: 0.6, taste: 0.5, popularity: 0.1 } },
  metric: "cosine",
  evidence: {
    ...{ cutoff: 20, defaultNdcg: 0.09, tunedNdcg: 0.1, gain: { mean: 0.01, margin: 0.004 } },
    ...{ events: 900, shoppers: 80, from: 1_700_000_000, to: 1_700_600_000, interactions: 9_000, trials: 30, defaults },
  },
  proven: true,
  ...parts,
});

const given = (entries: Readonly<Record<string, string>>) =>
  Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(entries))));

describe("the choice of settings", () => {
  it.effect("is the defaults where nothing is given or tuned, exponents of 0 left out as in models of before", () =>
    Effect.gen(function* () {
      const { reasons, evidence, ...recipe } = yield* given({})(choiceWith(undefined));
      expect(recipe).toStrictEqual(defaults);
      expect(new Set(Object.values(reasons))).toEqual(new Set(["default"]));
      expect(evidence).toBeUndefined();
      const one = yield* given({ ALS_REGULARIZATION_EXPONENT: "1", ALS_UNOBSERVED_EXPONENT: "0" })(
        choiceWith(undefined),
      );
      expect(one.parameters).toStrictEqual({ ...parameters, regularizationExponent: 1 });
    }),
  );

  it.effect("is what was tuned, but for the seed, and for what is given", () =>
    Effect.gen(function* () {
      const found = yield* given({})(choiceWith(tuned()));
      expect(found.parameters).toEqual({ ...tuned().parameters, seed: 42 });
      expect(found.learning).toEqual(tuned().learning);
      expect([found.metric, found.evidence]).toEqual(["cosine", tuned().evidence]);
      const { ALS_SEED, ...others } = found.reasons;
      expect([ALS_SEED, ...new Set(Object.values(others))]).toEqual(["default", "tuned"]);
      const own = yield* given({ ALS_RANK: "32", BLEND_TASTE: "0.2", LEARNER: " " })(choiceWith(tuned()));
      expect([own.parameters.rank, own.learning.blend.taste, own.learning.learner]).toEqual([32, 0.2, "ema"]);
      expect([own.reasons.ALS_RANK, own.reasons.BLEND_TASTE, own.reasons.LEARNER]).toEqual(["given", "given", "tuned"]);
    }),
  );

  it.effect("says what is given otherwise than was measured, of what counts for the learner alone", () =>
    Effect.gen(function* () {
      const others = { ALS_RANK: "64", ALS_ALPHA: "2", BLEND_TASTE: "9", METRIC: "auto", ALS_SEED: "1" };
      const found = yield* given(others)(choiceWith(tuned()));
      expect(found.evidence).toEqual({
        ...tuned().evidence,
        besides: ["ALS_ALPHA=40, where 2 is given", "METRIC=cosine, where dot is given"],
      });
    }),
  );

  it.effect("takes nothing that was tuned for another learner than the given one", () =>
    Effect.gen(function* () {
      const entries = { LEARNER: "fold-in", ALS_ALPHA: "3" };
      expect(yield* given(entries)(choiceWith(tuned()))).toStrictEqual(yield* given(entries)(choiceWith(undefined)));
      expect((yield* given({ LEARNER: "ema" })(choiceWith(tuned()))).evidence).toEqual(tuned().evidence);
    }),
  );

  it.effect("takes nothing that is not proven", () =>
    Effect.gen(function* () {
      const found = yield* given({})(choiceWith(tuned({ proven: false })));
      expect(found.parameters).toEqual(parameters);
      expect(found.evidence).toBeUndefined();
    }),
  );

  it("goes by the learner's metric, unless one is given, or was tuned for that learner", () => {
    const learners = fc.constantFrom(undefined, "blend", "ema", "fold-in");
    const metrics = fc.constantFrom(undefined, "auto", "dot", "cosine");
    fc.assert(
      fc.property(learners, metrics, fc.constantFrom("dot", "cosine"), fc.boolean(), (LEARNER, METRIC, metric, is) => {
        const entries = Object.entries({ LEARNER, METRIC }).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]]));
        const found = Effect.runSync(
          given(Object.fromEntries(entries))(choiceWith(is ? tuned({ metric }) : undefined)),
        );
        const learner = LEARNER ?? (is ? "ema" : "blend");
        const own = learner === "blend" ? "cosine" : "dot";
        const expected =
          METRIC === undefined ? (is && learner === "ema" ? metric : own) : METRIC === "auto" ? own : METRIC;
        expect(found.learning.learner).toBe(learner);
        expect(found.metric).toBe(expected);
        expect(found.reasons.METRIC === "given").toBe(METRIC !== undefined);
      }),
    );
  });

  it.effect("leaves out what the trainer cannot do", () =>
    inFolder(() =>
      Effect.gen(function* () {
        yield* writeTuned(tuned());
        expect((yield* choice).parameters.rank).toBe(64);
        const trainer = yield* Trainer;
        const onSpark = yield* Effect.provideService(choice, Trainer, { ...trainer, refuses });
        expect(onSpark.parameters).toEqual(parameters);
        expect(onSpark.evidence).toBeUndefined();
      }),
    ),
  );

  it.effect("tells once what is left out, and nothing where one only asks", () =>
    inFolder(() =>
      Effect.gen(function* () {
        yield* writeTuned(tuned());
        const told: Array<unknown> = [];
        const listening = Effect.provide(
          Logger.replace(
            Logger.defaultLogger,
            Logger.make(({ message }) => told.push(message)),
          ),
        );
        const own = Effect.provideService(Trainer, { ...(yield* Trainer), refuses });
        const { choice: quiet, warning } = yield* chosen.pipe(own, listening);
        expect(warning).toMatch(/^the tuned settings are left out, since .*; or tune again for this trainer$/);
        expect(told).toEqual([]);
        expect(yield* choice.pipe(own, listening)).toEqual(quiet);
        expect(told).toEqual([[warning]]);
      }),
    ),
  );
});

describe("what was tuned", () => {
  it.effect("is kept beside the data until it is forgotten, and is nothing where it cannot be read", () =>
    inFolder(({ dataDir, write }) =>
      Effect.gen(function* () {
        expect(yield* readTuned).toBeUndefined();
        expect(yield* forgetTuned).toBe(false);
        yield* writeTuned(tuned());
        expect(yield* readTuned).toEqual(tuned());
        for (const text of ["", "{", JSON.stringify({ ...tuned(), parameters: { rank: "64" } })]) {
          yield* write("tuned.json", text);
          expect(yield* readTuned, text).toBeUndefined();
          expect((yield* choice).parameters).toEqual(parameters);
        }
        expect(yield* forgetTuned).toBe(true);
        const fs = yield* FileSystem.FileSystem;
        expect(yield* fs.exists(`${dataDir}/tuned.json`)).toBe(false);
      }),
    ),
  );
});
