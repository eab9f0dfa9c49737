/** What was shown sinks: by the formula, within its source, and the reasons of a score still add up to it. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer, Runtime, Stream, TestClock } from "effect";
import fc from "fast-check";
import { defaultEventTypes } from "../../../src/domain/EventTypes.ts";
import { nothingShown, type ShownItems, withShown } from "../../../src/domain/ShownItems.ts";
import { programs } from "../../../src/http/Server.ts";
import type { Answer } from "../../../src/serving/recommend/Answer.ts";
import type { Candidate } from "../../../src/serving/recommend/Candidate.ts";
import { noFilters, type RecommendQuery } from "../../../src/serving/recommend/Query.ts";
import { Recommend } from "../../../src/serving/recommend/Recommend.ts";
import { sinkingOf } from "../../../src/serving/recommend/Rotation.ts";
import { ServingModel } from "../../../src/serving/ServingModel.ts";
import { settings } from "../../http/Served.ts";
import { makeShop, type Shop } from "../Shop.ts";

const day = 86_400;
/** So few that every source of the blend has them all. */
const itemCount = 45;
const now = 1_700_000_000;

const shownOf = (impressions: ReadonlyArray<readonly [itemIdx: number, time: number]>): ShownItems =>
  impressions.reduce((shown, [itemIdx, time], id) => withShown(shown, itemIdx, time, id), nothingShown);

const candidate = (itemIdx: number, score: number): Candidate => ({ itemIdx, row: itemIdx, source: "trending", score });

const impressions = fc.array(fc.tuple(fc.nat(itemCount - 1), fc.integer({ min: now - 9 * day, max: now + day })), {
  maxLength: 60,
});

describe("sinkingOf", () => {
  it("leaves of a score what the formula says", () => {
    const shown = shownOf([
      [1, now],
      [2, now - day],
      [3, now],
      [3, now],
      [4, now + 5],
    ]);
    const left = (item: number, score: number, rotation: number) =>
      sinkingOf(shown, rotation, day, now).sunk(candidate(item, score)).score;
    expect(left(1, 8, 1)).toBe(4);
    expect(left(1, 8, 0.5)).toBe(6);
    // Half an impression; two; and one of a clock that goes ahead.
    expect(left(2, 1, 1)).toBe(Math.fround(Math.SQRT1_2));
    expect(left(3, 8, 1)).toBe(2);
    expect(left(4, 8, 1)).toBe(4);
    expect(left(1, -8, 1)).toBe(-12);
    expect(left(9, 8, 1)).toBe(8);
    expect(left(1, 8, 0)).toBe(8);
  });

  it("puts candidates in the order of what is left, and asks for no more of them than it must", () => {
    const scores = fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { maxLength: itemCount });
    fc.assert(
      fc.property(impressions, scores, fc.double({ min: 0, max: 1, noNaN: true }), (given, all, rotation) => {
        const sinking = sinkingOf(shownOf(given), rotation, day, now);
        const candidates = all.toSorted((a, b) => b - a).map((score, itemIdx) => candidate(itemIdx, score));
        const found = [...sinking.reordered(candidates)];
        expect(new Set(found.map(({ itemIdx }) => itemIdx)).size).toBe(candidates.length);
        for (const one of found) expect(one).toEqual(sinking.sunk(candidates[one.itemIdx]!));
        const left = found.map(({ score }) => score);
        expect(left).toEqual(left.toSorted((a, b) => b - a));
        // The best k are among the first k and as many as sink.
        for (const k of [1, 5]) {
          const few = [...sinking.reordered(candidates.slice(0, k + sinking.items))].slice(0, k);
          expect(few.map(({ score }) => score)).toEqual(left.slice(0, k));
        }
      }),
    );
  });
});

const inShop = <A, E>(over: Record<string, string>, use: (shop: Shop) => Effect.Effect<A, E, Recommend>) =>
  Effect.gen(function* () {
    const shop = yield* makeShop(itemCount);
    shop.addModel("a");
    shop.control.popular = {
      asOf: 0,
      windowDays: 30,
      items: [7, 3, 5].map((itemIdx, n) => ({ itemIdx, buyers: 9 - n })),
    };
    shop.control.eventTypes.set("a", [...defaultEventTypes.list, { name: "impression", weight: 0, role: "shown" }]);
    yield* shop.serve("a");
    yield* TestClock.setTime(1000 * now);
    const started = Effect.flatMap(ServingModel, ({ changes }) =>
      Stream.runDrain(Stream.takeUntil(changes, (serving) => serving !== undefined)),
    );
    return yield* Effect.zipRight(started, use(shop)).pipe(
      Effect.provide(programs.pipe(Layer.provide(shop.layer), Layer.provide(settings(over)))),
    );
  });

const ask = (query: Partial<RecommendQuery>) =>
  Effect.flatMap(Recommend, ({ recommend }) => recommend({ ...noFilters, user: "u1", k: 100, ...query }));

const items = ({ recommendations }: Answer) => recommendations.map(({ item_idx }) => item_idx);

const show = (shop: Shop, user: string, shown: ShownItems) =>
  Effect.sync(() => {
    const known = shop.users.get(`a/${user}`)!;
    shop.users.set(`a/${user}`, { ...known, shown });
  });

describe("rotation", () => {
  it.effect.each(["ema", "blend"])(
    "reorders each source of a list by what is left, and explains it, by %s",
    (LEARNER) =>
      inShop({ LEARNER, EXPLORE_SHARE: "0" }, (shop) =>
        Effect.gen(function* () {
          const run = Runtime.runPromise(yield* Effect.runtime<Recommend>());
          const before = yield* ask({});
          yield* Effect.promise(() =>
            fc.assert(
              fc.asyncProperty(
                impressions,
                fc.constantFrom(0.3, 1),
                fc.integer({ min: 1, max: 10 }),
                async (given, rotation, k) => {
                  await run(show(shop, "u1", shownOf(given)));
                  const sinking = sinkingOf(shownOf(given), rotation, day, now);
                  const leftOf = (one: Answer["recommendations"][number]) =>
                    sinking.sunk(candidate(one.item_idx, one.score)).score;
                  const expected = ["personalized", "trending", "catalogue"].flatMap((source) =>
                    before.recommendations
                      .filter((one) => one.source === source)
                      .map(leftOf)
                      .sort((a, b) => b - a),
                  );
                  const whole = await run(ask({ rotation, explain: 100 }));
                  expect(items(whole).toSorted()).toEqual(items(before).toSorted());
                  expect(whole.recommendations.map(({ score }) => score)).toEqual(expected);
                  for (const { reasons, score, ...one } of whole.recommendations) {
                    if (reasons === undefined) continue;
                    const parts = reasons.because.flatMap(({ followers, taste }) => [followers, taste]);
                    const sum = [...parts, reasons.shown ?? 0].reduce((all, part) => all + part, reasons.trending);
                    expect(Math.fround(sum)).toBe(score);
                    expect(reasons.shown !== undefined).toBe(given.some(([item]) => item === one.item_idx));
                    expect(reasons.shown ?? 0).toBeLessThanOrEqual(1e-9);
                  }
                  // So does a short list, which looks at fewer.
                  const short = await run(ask({ rotation, k }));
                  expect(short.recommendations.map(({ score }) => score)).toEqual(expected.slice(0, k));
                  expect(items(await run(ask({ rotation: 0 })))).toEqual(items(before));
                },
              ),
              { numRuns: 30 },
            ),
          );
        }),
      ),
  );

  it.effect("is what is set where a request does not say, fades, and is for who is shown alone", () =>
    inShop({ LEARNER: "ema", ROTATION: "1", ROTATION_HALF_LIFE: "1 hour" }, (shop) =>
      Effect.gen(function* () {
        const [first] = items(yield* ask({}));
        yield* show(shop, "u1", shownOf([[first!, now]]));
        const others = yield* ask({ user: "u2" });
        expect(items(yield* ask({}))[0]).not.toBe(first);
        expect(items(yield* ask({ rotation: 0 }))[0]).toBe(first);
        yield* TestClock.adjust("60 days");
        expect(items(yield* ask({}))[0]).toBe(first);
        expect(items(yield* ask({ user: "u2" }))).toEqual(items(others));
      }),
    ),
  );

  it.effect("sinks what sells for a stranger who tells of impressions, and for one of whom no taste is known", () =>
    inShop({ LEARNER: "blend" }, (shop) =>
      Effect.gen(function* () {
        const known = shop.users.get("a/u1")!;
        shop.users.set("a/cold", {
          ...known,
          vector: undefined,
          interactions: [],
          shown: shownOf([
            [7, now],
            [7, now],
          ]),
        });
        expect(items(yield* ask({ user: "cold" })).slice(0, 3)).toEqual([7, 3, 5]);
        expect(items(yield* ask({ user: "cold", rotation: 1 })).slice(0, 3)).toEqual([3, 5, 7]);
        expect(items(yield* ask({ user: "cold", seen: "shown" }))).not.toContain(7);
        const told = { user: null, context: [7, 7, 3].map((item) => ({ item, type: "impression" })) };
        expect(items(yield* ask(told)).slice(0, 3)).toEqual([7, 3, 5]);
        expect(items(yield* ask({ ...told, rotation: 1 })).slice(0, 3)).toEqual([5, 3, 7]);
        expect(items(yield* ask({ ...told, seen: "shown" })).filter((item) => item === 3 || item === 7)).toEqual([]);
      }),
    ),
  );

  it.effect("leaves out what was shown, or seen, where that is asked for", () =>
    inShop({ LEARNER: "blend" }, (shop) =>
      Effect.gen(function* () {
        yield* show(shop, "u1", shownOf([[4, now - 300 * day]]));
        const all = new Set(items(yield* ask({})));
        const without = (seen: RecommendQuery["seen"]) =>
          Effect.map(ask({ seen }), (answer) => [...all].filter((item) => !items(answer).includes(item)).sort());
        expect(yield* without("none")).toEqual([]);
        expect(yield* without("bought")).toEqual([]);
        expect(yield* without("seen")).toEqual([1]);
        expect(yield* without("shown")).toEqual([1, 4]);
      }),
    ),
  );
});
