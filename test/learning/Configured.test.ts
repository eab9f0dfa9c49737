/** How a model's shoppers are learnt from: as it was made, unless something else is given, which is told. */
import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Layer, Logger } from "effect";
import { defaultLearning, type Learning } from "../../src/domain/Learning.ts";
import { configuredLearner } from "../../src/learning/Configured.ts";
import { modelOf } from "../support/Models.ts";

const items = {
  rank: 2,
  vectors: Float32Array.of(1, 0, 0, 2),
  itemIdx: Uint32Array.of(0, 1),
  rowOfIdx: (i: number) => i,
};
const history = [{ itemIdx: 1, type: 2, time: 0 }] as const;

/** What a shopper at (1, 0) is like after a purchase of item 1 at (0, 2); and what is warned of. */
const found = (given: Readonly<Record<string, string>>, learning: Learning | undefined, halfLifeSeconds?: number) =>
  Effect.gen(function* () {
    const told: Array<string> = [];
    const logger = Logger.make(({ message }) => told.push(String(message)));
    const make = yield* Effect.withConfigProvider(
      configuredLearner,
      ConfigProvider.fromMap(new Map(Object.entries(given))),
    );
    const model = modelOf("m", { ...(learning && { learning }), ...(halfLifeSeconds && { halfLifeSeconds }) });
    const { blend, learner } = yield* make(items, model).pipe(
      Effect.provide(Layer.merge(Logger.remove(Logger.defaultLogger), Logger.add(logger))),
    );
    return { blends: blend !== undefined, told, after: [...learner.learn(Float32Array.of(1, 0), 1, 1, history)] };
  });

describe("a model's learner", () => {
  it.effect("is the one that it was made by, with its numbers", () =>
    Effect.gen(function* () {
      const ema = yield* found({}, { ...defaultLearning, learner: "ema", rate: 0.5 }, 86_400);
      expect(ema).toEqual({ blends: false, told: [], after: [0.5, 1] });
      const blend = yield* found({}, defaultLearning, 86_400);
      expect(blend).toEqual({ blends: true, told: [], after: [0, 1] });
      const other = yield* found({}, { ...defaultLearning, learner: "ema", rate: 0.25 }, 86_400);
      expect(other.after).toEqual([0.75, 0.5]);
    }),
  );

  it.effect("is the one that is given, which is told where the model was made by another", () =>
    Effect.gen(function* () {
      const made = { ...defaultLearning, learner: "blend" } as const;
      const ema = yield* found({ LEARNER: "ema", LEARNING_RATE: "0.5" }, made, 86_400);
      expect([ema.blends, ema.after]).toEqual([false, [0.5, 1]]);
      expect(ema.told[0]).toContain("LEARNER=ema (the model's: blend), LEARNING_RATE=0.5 (the model's: 0.2)");
      expect((yield* found({ LEARNER: "blend", BLEND_DECAY: "0.8" }, made, 86_400)).told).toEqual([]);
    }),
  );

  it.effect("is the default for a model of before, and the moving average where it knows no followers", () =>
    Effect.gen(function* () {
      expect((yield* found({}, undefined, 86_400)).blends).toBe(true);
      expect(yield* found({}, undefined)).toMatchObject({ blends: false, told: [] });
    }),
  );

  it.effect("goes by the types of events that it was made by, whatever is set, which is told", () =>
    Effect.gen(function* () {
      const eventTypes = [
        { name: "like", weight: 1 },
        { name: "purchase", weight: 0.5, role: "buys" },
      ] as const;
      const told: Array<string> = [];
      const logger = Logger.make(({ message }) => told.push(String(message)));
      const learntBy = (set?: string) =>
        Effect.withConfigProvider(
          configuredLearner,
          ConfigProvider.fromMap(new Map(set === undefined ? [] : [["EVENT_TYPES", set]])),
        ).pipe(
          Effect.flatMap((make) => make(items, modelOf("m", { snapshot: { tables: {}, offsets: {}, eventTypes } }))),
          Effect.provide(Layer.merge(Logger.remove(Logger.defaultLogger), Logger.add(logger))),
        );
      const { types } = yield* learntBy("purchase=1 buys, like=1");
      expect([types.names, types.weights]).toEqual([
        ["like", "purchase"],
        [1, 0.5],
      ]);
      expect(told).toEqual([
        "EVENT_TYPES is purchase=1 buys, like=1, but model m was made by like=1, purchase=0.5 buys: " +
          "it goes by its own until a batch has made a model by what is set",
      ]);
      yield* learntBy("like=1, purchase=0.5 buys");
      expect((yield* learntBy()).types.names).toEqual(["like", "purchase"]);
      expect(told).toHaveLength(1);
    }),
  );
});
