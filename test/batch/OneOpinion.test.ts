import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer, Logger, Stream } from "effect";
import fc from "fast-check";
import { preprocess } from "../../src/batch/Preprocess.ts";
import { readSnapshot, readUserIds } from "../../src/batch/TrainingData.ts";
import { pastUpTo } from "../../src/batch/UserTables.ts";
import { type Event, eventTypes } from "../../src/domain/Event.ts";
import { itemSetOf } from "../../src/domain/ItemSet.ts";
import { rawArticles, rawEvents } from "../../src/domain/TableSchemas.ts";
import { emptyUserState, type UserState } from "../../src/domain/UserState.ts";
import { decodeUserState, encodeUserState } from "../../src/domain/UserStateCodec.ts";
import { applyEvent, type LearningItems } from "../../src/learning/ApplyEvent.ts";
import { makeEma } from "../../src/learning/Ema.ts";
import { Progress } from "../../src/ports/Progress.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { eventColumns } from "../../src/stream/Archiver.ts";
import { memoryTables } from "../support/MemoryTables.ts";
import { batchOf } from "./Fixture.ts";

const items: LearningItems = {
  rank: 1,
  itemIdx: Uint32Array.from({ length: 12 }, (_, row) => row),
  vectors: new Float32Array(12).fill(1),
  rowOf: (id) => Number(id.slice(1)),
  rowOfIdx: (idx) => idx,
};
const context = { items, learner: makeEma(items, { rate: 0.2 }), debounceSeconds: 300 };
const now = 1_700_000_000;
const users = ["u0", "u1"] as const;

/** A minute, a day or ten years apart, so that events are debounced, repeated and older than any history. */
const event: fc.Arbitrary<Event> = fc.record({
  eventId: fc.constant(""),
  userId: fc.constantFrom(...users),
  itemId: fc.nat(11).map((item) => `a${item}`),
  eventType: fc.constantFrom(...eventTypes, "purchase"),
  timestamp: fc
    .tuple(fc.nat(9), fc.constantFrom(60, 86_400, 10 * 365 * 86_400))
    .map(([n, unit]) => now - (n % 4) * unit),
  quantity: fc.constant(1),
});

const eventList = fc
  .array(event, { maxLength: 60 })
  .map((events) => events.map((one, at) => ({ ...one, eventId: `id ${at}` })));

const services = Layer.mergeAll(memoryTables(1000 * now), Progress.layerSilent, Logger.remove(Logger.defaultLogger));

const archive = (events: ReadonlyArray<Event>) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const catalogue = Array.from(items.itemIdx, (item) => ({ article_id: `a${item}` }));
    yield* tables.overwrite(rawArticles.name, rawArticles.schema, Stream.make(batchOf(rawArticles.schema, catalogue)));
    const rows = events.map((one, at) => ({ event: one, partition: 0, offset: BigInt(at), appendedAt: now }));
    yield* tables.overwrite(rawEvents.name, rawEvents.schema, Stream.make(eventColumns("log", rows)));
  });

/** What the batch hands to a model, by user. */
const learnt = Effect.gen(function* () {
  yield* preprocess({ chunk: 32 });
  const snapshot = yield* readSnapshot;
  const ids = yield* readUserIds(snapshot);
  const pastOf = yield* Effect.flatMap(pastUpTo(snapshot), (past) => past(ids.length - 1));
  return new Map(ids.map((id, userIdx): [string, UserState] => [id, { ...emptyUserState, ...pastOf(userIdx) }]));
}).pipe(Effect.scoped);

/** The states after the events from `first` on, stored and read again after each. */
const streamed = (events: ReadonlyArray<Event>, first: number, before: ReadonlyMap<string, UserState>) => {
  const states = new Map(before);
  for (let at = first; at < events.length; at++) {
    const { userId } = events[at];
    const { state } = applyEvent(states.get(userId) ?? emptyUserState, events[at], 0, BigInt(at), context);
    states.set(userId, decodeUserState(encodeUserState(state)) as UserState);
  }
  return states;
};

const boughtBy = (states: ReadonlyMap<string, UserState>) => users.map((user) => [...(states.get(user)?.bought ?? [])]);

describe("batch, stream and replay", { timeout: 120_000 }, () => {
  it("agree on what was bought, wherever the batch falls between the events", () =>
    fc.assert(
      fc.asyncProperty(eventList, fc.nat(60), (events, cut) =>
        Effect.gen(function* () {
          const first = Math.min(cut, events.length);
          const bought = new Map(users.map((user) => [user as string, new Set<number>()]));
          for (const { eventType, itemId, userId } of events) {
            if (eventType === "purchase") bought.get(userId)?.add(Number(itemId.slice(1)));
          }
          const wanted = users.map((user) => [...itemSetOf(bought.get(user) ?? [])]);
          expect(boughtBy(streamed(events, 0, new Map()))).toEqual(wanted);
          yield* archive(events);
          expect(boughtBy(yield* learnt)).toEqual(wanted);
          yield* archive(events.slice(0, first));
          expect(boughtBy(streamed(events, first, yield* learnt))).toEqual(wanted);
        }).pipe(Effect.provide(services), Effect.runPromise),
      ),
      { numRuns: 50 },
    ));
});
