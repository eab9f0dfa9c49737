/** Parts of batches, answered by another process as by this one, or not at all. */
import { describe, expect, it } from "@effect/vitest";
import { Deferred, Effect, Fiber, Layer, Logger, Stream, TestClock } from "effect";
import fc from "fast-check";
import { LiveCatalogue } from "../../../src/catalogue/LiveCatalogue.ts";
import { attributePrefix } from "../../../src/domain/ItemRecord.ts";
import { emptyUserState } from "../../../src/domain/UserState.ts";
import { programs } from "../../../src/http/Server.ts";
import type { Channel } from "../../../src/ports/Answerers.ts";
import { Beside } from "../../../src/serving/beside/Beside.ts";
import type { Ask, Said } from "../../../src/serving/beside/Messages.ts";
import { Many } from "../../../src/serving/recommend/Many.ts";
import { lineText } from "../../../src/serving/recommend/ManyText.ts";
import { noFilters, type RecommendQuery } from "../../../src/serving/recommend/Query.ts";
import { ServingModel } from "../../../src/serving/ServingModel.ts";
import { Vitals } from "../../../src/vitals/Vitals.ts";
import { settings } from "../../http/Served.ts";
import { makeShop, type Shop } from "../Shop.ts";
import { answererOf, answerersBy } from "./Processes.ts";

type Services = Beside | LiveCatalogue | Many | ServingModel;

const servedBy = (model: string) =>
  Effect.gen(function* () {
    const { changes, current } = yield* ServingModel;
    yield* Stream.runDrain(Stream.takeUntil(changes, (serving) => serving?.model === model));
    return yield* current;
  });

const queriesOf = (users: ReadonlyArray<string>, rest: Partial<RecommendQuery> = {}) =>
  users.map((user): RecommendQuery => ({ ...noFilters, k: 5, ...rest, user }));

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** The lines without the ids of answers, of which no two are alike. */
const unnamed = (text: string) =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const { recommendation_id: _, ...rest } = JSON.parse(line);
      return rest;
    });

/** By this process. */
const made = (model: string, queries: ReadonlyArray<RecommendQuery>) =>
  Effect.gen(function* () {
    const { answers } = yield* Many;
    const serving = yield* servedBy(model);
    const lines: Array<string> = [];
    yield* answers(serving, queries, (answer, place) => void lines.push(`${lineText(place + 1, answer, true)}\n`));
    return lines.join("");
  });

/** Of a part: what is answered, and whether it was here. */
const asked = (model: string, queries: ReadonlyArray<RecommendQuery>) =>
  Effect.gen(function* () {
    const { batch } = yield* Beside;
    const serving = yield* servedBy(model);
    const many = yield* Many;
    const current = yield* ServingModel;
    let isHere = false;
    const here = Effect.suspend(() => {
      isHere = true;
      return made(model, queries).pipe(
        Effect.map((text) => Buffer.from(text)),
        Effect.provideService(Many, many),
        Effect.provideService(ServingModel, current),
      );
    });
    const text = yield* batch()({ serving, queries, lines: queries.map((_, i) => i + 1), isWorded: true }, here);
    return { told: unnamed(textOf(text)), isHere };
  });

/** By the other, which may be too slow for this one's patience once. */
const askedOfOther = (model: string, queries: ReadonlyArray<RecommendQuery>) =>
  Effect.repeat(asked(model, queries), { until: ({ isHere }) => !isHere });

/** Enough at once that processes are started. */
const start = (model: string) =>
  asked(
    model,
    queriesOf(
      Array.from({ length: 2_000 }, () => "u1"),
      { k: 1 },
    ),
  );

const ready = Effect.gen(function* () {
  const { ready } = yield* Beside;
  yield* Effect.repeat(Effect.yieldNow(), { until: () => ready() === 1 });
});

const run = <A, E>(
  shop: Shop,
  answerers: ReturnType<typeof answerersBy>,
  use: Effect.Effect<A, E, Services>,
  over: Record<string, string> = {},
) =>
  use.pipe(
    Effect.provide(
      programs.pipe(
        Layer.provide([shop.layer, answerers.layer]),
        Layer.provide([settings({ BATCH_PROCESSES: "1", ...over }), Logger.remove(Logger.defaultLogger)]),
      ),
    ),
  );

/** A shop on whose stores a process answers, too. */
const withAnswerer = <A, E>(
  use: (shop: Shop, answerer: ReturnType<typeof answererOf>) => Effect.Effect<A, E, Services>,
  over: Record<string, string> = {},
) =>
  Effect.gen(function* () {
    const shop = yield* makeShop();
    shop.addModel("a");
    shop.control.inMemory = true;
    const interactions = [2, 9, 4].map((itemIdx, time) => ({ itemIdx, type: 0, time }));
    shop.users.set("a/bought", { ...emptyUserState, bought: Uint32Array.of(3, 7, 11), interactions });
    yield* shop.catalogue.service.change(
      (shop.catalogues.get("a")?.metadata ?? []).map(({ article_id: itemId, prod_name: title, ...rest }) => {
        const attributes = Object.entries(rest).map(([name, text]) => [`${attributePrefix}${name}`, text]);
        return { kind: "replace", itemId, fields: { title, ...Object.fromEntries(attributes) } };
      }),
    );
    yield* shop.serve("a");
    const answerer = answererOf(shop, over);
    const begun = Effect.zipRight(start("a"), ready);
    const answerers = answerersBy((channel) => Effect.orDie(answerer.answers(channel)));
    return yield* run(shop, answerers, Effect.zipRight(begun, use(shop, answerer)), over);
  });

const everybody = ["u1", "u2", "u4", "bought", "3", "nobody", "2147483648", "ä\n"];

describe("A part that another process answers", () => {
  for (const LEARNER of ["ema", "blend"]) {
    it.live(
      `is what this one would answer, with LEARNER=${LEARNER}`,
      () =>
        withAnswerer(
          () =>
            Effect.gen(function* () {
              const context = yield* Effect.context<Services>();
              const query = fc.record(
                {
                  productType: fc.constantFrom("Hat", "Scarf"),
                  excludeTypes: fc.constant(["Boots"]),
                  excludeIds: fc.constant(["0100000001"]),
                  filter: fc.constantFrom('index_group_name = "Ladieswear"', 'product_type_name != "Hat"'),
                  seen: fc.constantFrom("bought" as const, "seen" as const, "none" as const),
                  minScore: fc.constantFrom(0.1, 0.5),
                  rotation: fc.constantFrom(0, 1),
                  diversity: fc.constantFrom(0.5, 1),
                  variants: fc.integer({ min: 0, max: 3 }),
                  explain: fc.constantFrom(0, 3),
                  seed: fc.nat(9),
                },
                { requiredKeys: [] },
              );
              const user = fc.record({ user: fc.constantFrom(...everybody), k: fc.integer({ min: 1, max: 100 }) });
              const users = fc.array(user, { minLength: 1, maxLength: 9 });
              yield* Effect.promise(() =>
                fc.assert(
                  fc.asyncProperty(users, query, async (users, rest) => {
                    const queries = users.map((one): RecommendQuery => ({ ...noFilters, ...rest, ...one }));
                    const both = Effect.all([askedOfOther("a", queries), made("a", queries)]);
                    const [other, own] = await Effect.runPromise(Effect.provide(both, context));
                    expect(other.told).toEqual(unnamed(own));
                  }),
                  { numRuns: 40 },
                ),
              );
            }),
          { LEARNER },
        ),
      60_000,
    );
  }

  it.live("holds nothing that was taken away just before, though the other has not learnt of it", () =>
    withAnswerer((_, { control, learns }) =>
      Effect.gen(function* () {
        const { change } = yield* LiveCatalogue;
        const queries = queriesOf(["u1", "u2"]);
        const before = yield* askedOfOther("a", queries);
        yield* learns.close;
        for (let i = 0; i < 5; i++) {
          const itemId: string = before.told[0].recommendations[i].item_id;
          yield* change([{ kind: "remove", itemId }]);
          const now = yield* asked("a", queries);
          expect(now.isHere).toBe(true);
          expect(control.said.at(-1)).toMatchObject({
            _tag: "Refused",
            why: expect.stringMatching(/changes of items/),
          });
          const items = now.told.flatMap(({ recommendations }) => recommendations);
          expect(items.map(({ item_id }) => item_id)).not.toContain(itemId);
        }
        yield* learns.open;
        const again = yield* askedOfOther("a", queries);
        expect(again.told).toEqual(unnamed(yield* made("a", queries)));
      }),
    ),
  );

  it.live("is answered here where the other cannot read what shoppers did, or goes by another model", () =>
    withAnswerer((shop, { control }) =>
      Effect.gen(function* () {
        const queries = queriesOf(["bought", "u1"]);
        control.isAway = true;
        const away = yield* asked("a", queries);
        expect([away.isHere, control.said.at(-1)?._tag]).toEqual([true, "Refused"]);
        expect(away.told).toEqual(unnamed(yield* made("a", queries)));
        control.isAway = false;
        yield* askedOfOther("a", queries);
        const serving = yield* servedBy("a");
        shop.addModel("b");
        yield* shop.serve("b");
        yield* servedBy("b");
        const { batch } = yield* Beside;
        const part = { serving, queries, lines: [1, 2], isWorded: true };
        const old = Effect.repeat(batch()(part, Effect.succeed(Buffer.from("here"))), {
          until: (text) => textOf(text) === "here",
        });
        expect(textOf(yield* old)).toBe("here");
      }),
    ),
  );

  it.live("counts as if it had been answered here", () =>
    withAnswerer(() =>
      Effect.gen(function* () {
        const { attributed } = yield* Vitals;
        const total = () => attributed.items().reduce((sum, [, count]) => sum + count, 0);
        const before = total();
        const { isHere, told } = yield* asked("a", queriesOf(["u1", "u2", "nobody"]));
        expect(isHere).toBe(false);
        expect(total() - before).toBe(told.flatMap(({ recommendations }) => recommendations).length);
      }),
    ),
  );
});

/** One that says it is ready, and then what the test says. */
const silent = () => {
  const asks: Array<Ask> = [];
  const channels: Array<Channel<Said, Ask>> = [];
  return {
    asks,
    channels,
    answers: (channel: Channel<Said, Ask>) =>
      Effect.suspend(() => {
        channels.push(channel);
        channel.listen((ask) => void asks.push(ask));
        channel.send({ _tag: "Ready" });
        return Effect.never;
      }),
  };
};

const withSilent = <A, E>(
  use: (
    one: ReturnType<typeof silent>,
    control: ReturnType<typeof answerersBy>["control"],
  ) => Effect.Effect<A, E, Services>,
) =>
  Effect.gen(function* () {
    const shop = yield* makeShop();
    shop.addModel("a");
    yield* shop.serve("a");
    const one = silent();
    const answerers = answerersBy(one.answers);
    return yield* run(shop, answerers, use(one, answerers.control));
  });

const turns = Effect.repeatN(
  Effect.async<void>((resume) => void setImmediate(() => resume(Effect.void))),
  3,
);

describe("Processes beside this one", () => {
  it.effect("are started for many users alone, end when nobody asks, and are started again", () =>
    withSilent((_, control) =>
      Effect.gen(function* () {
        yield* asked("a", queriesOf(Array.from({ length: 1_999 }, () => "u1")));
        yield* TestClock.adjust("11 seconds");
        yield* asked("a", queriesOf(["u1"]));
        yield* turns;
        expect(control).toMatchObject({ started: 0, running: 0 });
        yield* start("a");
        yield* ready;
        expect(control).toMatchObject({ started: 1, running: 1 });
        yield* TestClock.adjust("2 minutes");
        expect(control.running).toBe(1);
        yield* TestClock.adjust("2 minutes");
        yield* turns;
        expect(control).toMatchObject({ started: 1, running: 0 });
        yield* start("a");
        yield* ready;
        expect(control).toMatchObject({ started: 2, running: 1 });
      }),
    ),
  );

  it.effect("leave what they had to this one when they die, and rest for a minute", () =>
    withSilent(({ asks }, control) =>
      Effect.gen(function* () {
        yield* start("a");
        yield* ready;
        const fiber = yield* Effect.fork(asked("a", queriesOf(["u1", "u2"])));
        yield* Effect.repeat(Effect.yieldNow(), { until: () => asks.length === 1 });
        control.end("SIGKILL");
        expect(yield* Fiber.join(fiber)).toMatchObject({ isHere: true });
        yield* start("a");
        yield* turns;
        expect(control).toMatchObject({ started: 1, running: 0 });
        yield* TestClock.adjust("1 minute");
        yield* start("a");
        yield* ready;
        expect(control).toMatchObject({ started: 2, running: 1 });
      }),
    ),
  );

  it.effect("are ended where they do not answer in time, and this one answers", () =>
    withSilent(({ asks }, control) =>
      Effect.gen(function* () {
        yield* start("a");
        yield* ready;
        const fiber = yield* Effect.fork(asked("a", queriesOf(["u1", "u2"])));
        yield* Effect.repeat(Effect.yieldNow(), { until: () => asks.length === 1 });
        yield* TestClock.adjust("250 millis");
        expect(yield* Fiber.join(fiber)).toMatchObject({ isHere: true, told: [{ user: "u1" }, { user: "u2" }] });
        expect(control).toMatchObject({ started: 1, running: 1 });
        yield* turns;
        yield* TestClock.adjust("10 seconds");
        yield* turns;
        expect(control).toMatchObject({ started: 1, running: 0 });
      }),
    ),
  );

  it.effect("may answer late, what is then neither told nor counted", () =>
    withSilent(({ asks, channels }, control) =>
      Effect.gen(function* () {
        yield* start("a");
        yield* ready;
        const fiber = yield* Effect.fork(asked("a", queriesOf(["u1"])));
        yield* Effect.repeat(Effect.yieldNow(), { until: () => asks.length === 1 });
        yield* TestClock.adjust("250 millis");
        expect(yield* Fiber.join(fiber)).toMatchObject({ isHere: true, told: [{ user: "u1" }] });
        const { attributed } = yield* Vitals;
        const before = attributed.items();
        const counted = {
          seconds: Float64Array.of(0.1),
          sizes: Uint8Array.of(1),
          sources: Uint8Array.of(0),
          explored: [],
        };
        channels[0].send({ _tag: "Answered", id: asks[0].id, text: Buffer.from("late"), counted });
        yield* turns;
        expect(attributed.items()).toEqual(before);
        yield* TestClock.adjust("10 seconds");
        yield* turns;
        expect(control).toMatchObject({ started: 1, running: 1 });
      }),
    ),
  );

  it.effect("have two parts at a time, and who goes away keeps no place", () =>
    withSilent(({ asks, channels }) =>
      Effect.gen(function* () {
        yield* start("a");
        yield* ready;
        const { atOnce, batch } = yield* Beside;
        // Two there, one here, and one for whoever is ready first.
        expect(atOnce).toBe(5);
        const serving = yield* servedBy("a");
        const answerPart = batch();
        const part = { serving, queries: queriesOf(["u1"]), lines: undefined, isWorded: false };
        const busy = yield* Deferred.make<Uint8Array>();
        const fibers = yield* Effect.forEach([0, 1, 2, 3, 4], () =>
          Effect.fork(answerPart(part, Deferred.await(busy))),
        );
        yield* Effect.repeat(Effect.yieldNow(), { until: () => asks.length === 2 });
        yield* turns;
        expect(asks).toHaveLength(2);
        yield* Fiber.interrupt(fibers[3]);
        yield* Fiber.interrupt(fibers[0]);
        const counted = {
          seconds: Float64Array.of(0.1),
          sizes: Uint8Array.of(0),
          sources: new Uint8Array(),
          explored: [],
        };
        channels[0].send({ _tag: "Answered", id: asks[0].id, text: Buffer.from("first"), counted });
        yield* Effect.repeat(Effect.yieldNow(), { until: () => asks.length === 3 });
        for (const { id } of asks.slice(1))
          channels[0].send({ _tag: "Answered", id, text: Buffer.from(`${id}`), counted });
        yield* Deferred.succeed(busy, Buffer.from("here"));
        const told = yield* Effect.forEach([1, 2, 4], (i) => Effect.map(Fiber.join(fibers[i]), textOf));
        expect(told.sort()).toEqual([...asks.slice(1).map(({ id }) => String(id)), "here"].sort());
      }),
    ),
  );
});
