/** What was tuned for the shop, compared with what is configured. */
import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect } from "effect";
import { defaultLearning, type Learning } from "../../src/domain/Learning.ts";
import type { Tuned } from "../../src/domain/Tuned.ts";
import { evaluateLog } from "../../src/evaluation/Evaluate.ts";
import { evaluateOptions } from "../../src/evaluation/Options.ts";
import type { Report, TunedReport } from "../../src/evaluation/Report.ts";
import { htmlReport } from "../../src/evaluation/ReportHtml.ts";
import { formatReport } from "../../src/evaluation/ReportText.ts";
import { tunedReport, tunedSentence, tunedWarning } from "../../src/evaluation/TunedSettings.ts";
import { verdictOf, verdictSentence } from "../../src/evaluation/Verdict.ts";
import { choiceWith } from "../../src/training/Choice.ts";
import { writeTuned } from "../../src/training/TunedFile.ts";
import { inFolder } from "../support/Folder.ts";
import { training } from "../support/Training.ts";
import { day, makeShop, parameters } from "./Shop.ts";

const found = (learning: Partial<Learning>, model: Partial<typeof parameters.model> = {}): Tuned => ({
  tunedAt: "2026-01-01T00:00:00.000Z",
  seed: 3,
  parameters: { ...parameters.model, ...model },
  learning: { ...defaultLearning, ...learning },
  metric: "dot",
  evidence: {
    cutoff: 20,
    ...{ defaultNdcg: 0.1, tunedNdcg: 0.12, gain: { mean: 0.02, margin: 0.01 }, events: 500, shoppers: 90 },
    ...{ from: 18_990 * day, to: 18_995 * day, interactions: 1000, trials: 30 },
    defaults: { parameters: parameters.model, learning: defaultLearning, metric: "cosine" },
  },
  proven: true,
});

/** How it stands to the model of the tests, by the moving average, where those settings are given. */
const beside = (tuned: Tuned, given: ReadonlyArray<string> = ["LEARNER"]): TunedReport => ({
  recipe: { learning: tuned.learning, metric: tuned.metric, parameters: tuned.parameters },
  evidence: tuned.evidence,
  proven: tuned.proven,
  isConfigured: false,
  given,
});

const measured = (tuned: TunedReport) =>
  evaluateLog(
    makeShop(() => true),
    parameters,
    tuned,
  ).pipe(Effect.provide(training));

const learnerOf = (report: Report, name: string) => report.prequential?.learners.find((one) => one.name === name);

const withGain = (report: Report, mean: number): Report => ({
  ...report,
  prequential: report.prequential && {
    ...report.prequential,
    learners: report.prequential.learners.map((one) => ({
      ...one,
      gain: one.name === "tuned" ? { mean, margin: 0.01 } : { mean: 0, margin: 0 },
    })),
  },
});

describe("evaluate, with tuned settings", () => {
  it.effect(
    "compares them by the configured model where only learners differ: the same learner comes to the same",
    () =>
      Effect.gen(function* () {
        const same = yield* measured(beside(found({ learner: "ema", rate: parameters.rate })));
        expect(learnerOf(same, "tuned")).toEqual({ ...learnerOf(same, "ALS + EMA"), name: "tuned", setting: null });
        const other = yield* measured(beside(found({ learner: "ema", rate: 0.7 })));
        expect(learnerOf(other, "tuned")?.ndcg).not.toEqual(learnerOf(other, "ALS + EMA")?.ndcg);
      }),
  );

  it.effect("compares them by a model of their own where it is trained otherwise", () =>
    Effect.gen(function* () {
      const report = yield* measured(beside(found({ learner: "fold-in" }, { rank: 16 })));
      const own = yield* evaluateLog(
        makeShop(() => true),
        { ...parameters, learner: "fold-in", model: { ...parameters.model, rank: 16 } },
      ).pipe(Effect.provide(training));
      expect(learnerOf(report, "tuned")?.ndcg).toEqual(learnerOf(own, "ALS + fold-in")?.ndcg);
      expect(learnerOf(report, "ALS + fold-in")?.ndcg).not.toEqual(learnerOf(report, "tuned")?.ndcg);
    }),
  );

  it.effect("names them in the verdict where tune has proven them, and what stands in their way", () =>
    Effect.gen(function* () {
      const tuned = beside(found({ learner: "ema", rate: 0.7 }), ["LEARNER", "ALS_RANK"]);
      const report = yield* measured(tuned);
      const better = withGain(report, 0.05);
      expect(verdictOf(better)?.chosen.name).toBe("tuned");
      expect(verdictSentence(better)).toMatch(
        /^Configured is LEARNER=ema; choose the tuned settings, which would find \d+ % more: give no LEARNER and no ALS_RANK$/,
      );
      expect(verdictSentence(withGain(report, 0.005))).toMatch(
        /keep it; the tuned settings are ahead by no more than chance/,
      );
      expect(verdictOf({ ...better, tuned: { ...tuned, proven: false } })?.chosen.name).toBe("ALS + EMA");
      expect(verdictSentence({ ...better, tuned: { ...tuned, isConfigured: true } })).toMatch(
        /^Configured is LEARNER=ema, tuned/,
      );
      for (const text of [formatReport(report), htmlReport(report)]) expect(text).toContain(`${tunedSentence(tuned)}.`);
    }),
  );

  it.effect("warns where the tested events are among those that tune looked at, and not after them", () =>
    Effect.gen(function* () {
      const tuned = beside(found({}));
      expect((yield* measured(tuned)).warnings).toEqual([]);
      const { evidence } = tuned;
      const at = (from: number, to: number, isConfigured = false): TunedReport => ({
        ...tuned,
        isConfigured,
        evidence: { ...evidence, from: from * day, to: to * day },
      });
      const [from, to] = [19_025 * day, 19_030 * day];
      expect(tunedWarning(at(19_020, 19_024), from, to)).toBeUndefined();
      expect(tunedWarning(at(19_027, 19_030), from, to)).toMatch(
        /were chosen on events up to 2022-02-07.*`tuned` flatter$/,
      );
      expect(tunedWarning(at(19_024, 19_030, true), from, to)).toMatch(
        /were accepted.*configured learner flatter, if little$/,
      );
      const report = yield* measured(at(19_027, 19_030));
      expect(report.warnings).toEqual([expect.stringMatching(/^the tuned settings were chosen/)]);
    }),
  );

  const given = (entries: Readonly<Record<string, string>>) =>
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(entries))));

  it.effect("is what is configured where nothing else is given: constants of other learners are none of it", () =>
    Effect.gen(function* () {
      const tuned = found({ learner: "ema", rate: 0.4 });
      const standing = (entries: Readonly<Record<string, string>>, what = tuned) =>
        Effect.map(given(entries)(choiceWith(what)), (chosen) => tunedReport(what, chosen));
      expect(yield* standing({})).toMatchObject({ isConfigured: true, given: [] });
      expect(yield* standing({ BLEND_DECAY: "0.3", ALS_SEED: "5" })).toMatchObject({
        isConfigured: true,
        recipe: { parameters: { seed: 5 } },
      });
      expect(yield* standing({ ALS_RANK: "64" })).toMatchObject({ isConfigured: false, given: ["ALS_RANK"] });
      expect(yield* standing({}, { ...tuned, proven: false })).toMatchObject({ isConfigured: false, given: [] });
      expect(tunedReport(undefined, yield* given({})(choiceWith(undefined)))).toBeNull();
    }),
  );

  it("finds them beside the shop's data", () =>
    Effect.runPromise(
      inFolder(
        () =>
          Effect.gen(function* () {
            expect((yield* evaluateOptions).tuned).toBeNull();
            yield* writeTuned(found({ learner: "ema", rate: 0.4 }));
            const { parameters: read, tuned } = yield* evaluateOptions;
            // Nothing of them is for the learner that is given.
            expect([read.learner, read.rate]).toEqual(["fold-in", 0.2]);
            expect(tuned).toMatchObject({ isConfigured: false, proven: true, given: ["LEARNER"] });
          }),
        { LEARNER: "fold-in" },
      ),
    ));
});
