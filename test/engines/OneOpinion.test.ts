import { describe, expect, it } from "@effect/vitest";
import { Effect, Either, Stream } from "effect";
import fc from "fast-check";
import { preprocess } from "../../src/batch/Preprocess.ts";
import { readSnapshot, readTrainingData, readUserIds } from "../../src/datasets/TrainingData.ts";
import { readPasts } from "../../src/datasets/UserTables.ts";
import type { Event } from "../../src/domain/Event.ts";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { pieceMillionths } from "../../src/domain/EventTypes.ts";
import { isForget } from "../../src/domain/Forget.ts";
import { itemSetOf } from "../../src/domain/ItemSet.ts";
import { unpackEvents } from "../../src/domain/RecentEvents.ts";
import { unpackShown } from "../../src/domain/ShownItems.ts";
import { rawArticles, rawEvents } from "../../src/domain/TableSchemas.ts";
import { emptyUserState, type UserState } from "../../src/domain/UserState.ts";
import { decodeUserState, encodeUserState } from "../../src/domain/UserStateCodec.ts";
import { applyEvent, closeUser, type LearningItems, type Outcome, openUser } from "../../src/learning/ApplyEvent.ts";
import { makeEma } from "../../src/learning/Ema.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { eventColumns } from "../../src/stream/Archiver.ts";
import { readRecord } from "../../src/stream/ReadRecord.ts";
import { everyRole, everyType } from "../support/EventTypes.ts";
import { batchOf, inFolder } from "../support/Folder.ts";
import { pastOf } from "../support/LoadedUsers.ts";

const items: LearningItems = {
  rank: 1,
  itemIdx: Uint32Array.from({ length: 8 }, (_, row) => row),
  vectors: new Float32Array(8).fill(1),
  rowOf: (id) => Number(id.slice(1)),
  rowOfIdx: (idx) => idx,
};
const context = { items, learner: makeEma(items, { rate: 0.2 }), types: everyType, debounceSeconds: 300 };
const start = 1_700_000_000;
const day = 86_400;
/** Each acts in the partition of its number. */
const users = ["u0", "u1"] as const;

interface Told {
  readonly event: Event;
  readonly partition: number;
  readonly offset: bigint;
  readonly appendedAt: number;
}

/** Retried within a day of arrival and later; late by up to decades; of an unknown type or an impossible time at times. */
const log = fc
  .array(
    fc.record({
      user: fc.nat(1),
      id: fc.nat(12),
      item: fc.nat(7),
      type: fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(...everyType.names, "impression", "impression", "impression") },
        fc.constant("stare"),
      ),
      wait: fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: -20, max: 600 }) },
        fc.integer({ min: 0, max: 2 * day }),
      ),
      late: fc.oneof(
        { weight: 8, arbitrary: fc.nat(900) },
        { weight: 4, arbitrary: fc.nat(40 * 365 * day) },
        { weight: 1, arbitrary: fc.constantFrom(start, -30 * day) },
      ),
    }),
    { maxLength: 80 },
  )
  .map((steps): ReadonlyArray<Told> => {
    let now = start;
    const offsets = [0n, 0n];
    return steps.map(({ id, item, late, type, user, wait }) => {
      now += wait;
      const event = { eventId: `id ${id}`, userId: users[user], itemId: `a${item}`, eventType: type, quantity: 1 };
      const told = {
        event: { ...event, timestamp: now - late },
        partition: user,
        offset: offsets[user],
        appendedAt: now,
      };
      offsets[user]++;
      return told;
    });
  });

/** Archives all, as version 0.1 did, which looked at no time; `halves`: as files stand that were merged out of order. */
const archive = (events: ReadonlyArray<Told>, halves: boolean) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const catalogue = Array.from(items.itemIdx, (item) => ({ article_id: `a${item}` }));
    yield* tables.overwrite(rawArticles.name, rawArticles.schema, Stream.make(batchOf(rawArticles.schema, catalogue)));
    const middle = events.length >> 1;
    const files = halves ? [events.slice(middle), events.slice(0, middle)] : [events];
    const batches = files.map((rows) => eventColumns("log", rows));
    yield* tables.overwrite(rawEvents.name, rawEvents.schema, Stream.fromIterable(batches));
  });

/** What the batch hands to a model, by user; and its ratings, and how many rows it took for a client's retries. */
const learnt = Effect.gen(function* () {
  const { repeated } = yield* preprocess;
  const snapshot = yield* readSnapshot;
  const ids = yield* readUserIds(snapshot);
  const pasts = yield* Effect.flatMap(readPasts(snapshot), (read) => read(0, ids.length - 1));
  const states = new Map(
    ids.map((id, userIdx): [string, UserState] => [id, { ...emptyUserState, ...pastOf(pasts, userIdx) }]),
  );
  const { itemIdx, pointers, ratings } = yield* readTrainingData(snapshot);
  const rated = ids.flatMap((id, u) =>
    Array.from({ length: pointers[u + 1] - pointers[u] }, (_, i) => {
      return `${id} a${itemIdx[pointers[u] + i]} ${ratings[pointers[u] + i].toFixed(5)}`;
    }),
  );
  return { states, rated: rated.sort(), repeated };
}).pipe(Effect.scoped);

/** The states after the records from `first` on, stored and read again after each, and every record's outcome. */
const streamed = (records: ReadonlyArray<Told>, first: number, before: ReadonlyMap<string, UserState>) => {
  const states = new Map(before);
  const outcomes = records.slice(first).map((told): Outcome | "bad_time" => {
    const read = readRecord("log", told.partition, { ...told, value: encodeEvent(told.event) });
    if (Either.isLeft(read) || isForget(read.right)) return "bad_time";
    const { userId } = told.event;
    const user = openUser(states.get(userId) ?? emptyUserState);
    const outcome = applyEvent(user, read.right, told.partition, told, context);
    if (!outcome.startsWith("unknown")) states.set(userId, decodeUserState(encodeUserState(closeUser(user)))!);
    return outcome;
  });
  return { states, outcomes };
};

/** What of a user bears on what is to come. */
const rest = (states: ReadonlyMap<string, UserState>, records: ReadonlyArray<Told>) =>
  users.map((userId, partition) => {
    const { bought, hidden, recent, shown } = states.get(userId) ?? emptyUserState;
    const last = records.findLast((told) => told.partition === partition)?.appendedAt ?? 0;
    return {
      bought: [...bought],
      hidden: [...hidden],
      shown: { items: unpackShown(shown), ids: [...shown.ids] },
      recent: unpackEvents(recent).filter(({ arrival }) => last - arrival < day),
    };
  });

describe("batch, stream and replay", { timeout: 120_000 }, () => {
  it("count the same events and agree on what was bought and what is hidden, wherever the batch falls between the events", () =>
    fc.assert(
      fc.asyncProperty(log, fc.nat(80), fc.boolean(), (records, cut, halves) =>
        Effect.gen(function* () {
          const stream = streamed(records, 0, new Map());

          const sums = new Map<string, number>();
          const bought = new Map(users.map((user) => [user as string, new Set<number>()]));
          const hidden = new Map(users.map((user) => [user as string, new Set<number>()]));
          records.forEach(({ event }, i) => {
            if (!["applied", "noted", "debounced"].includes(stream.outcomes[i])) return;
            const pair = `${event.userId} ${event.itemId}`;
            const type = everyType.codeOf(event.eventType);
            sums.set(pair, (sums.get(pair) ?? 0) + pieceMillionths(everyType)[type]);
            const item = Number(event.itemId.slice(1));
            if (everyType.buys[type]) bought.get(event.userId)?.add(item);
            if (everyType.takesBack[type]) bought.get(event.userId)?.delete(item);
            if (everyType.hides[type]) hidden.get(event.userId)?.add(item);
            if (everyType.buys[type]) hidden.get(event.userId)?.delete(item);
          });

          yield* archive(records, halves);
          const batch = yield* learnt;
          const isShown = ({ event }: Told) => everyType.shows[everyType.codeOf(event.eventType)];
          expect(batch.repeated).toBe(
            records.filter((told, i) => stream.outcomes[i] === "repeated" && !isShown(told)).length,
          );
          expect(batch.rated).toEqual(
            [...sums]
              .filter(([, sum]) => sum > 0)
              .map(([pair, sum]) => `${pair} ${Math.fround(Math.log1p(sum / 1e6)).toFixed(5)}`)
              .sort(),
          );
          expect(rest(batch.states, records)).toEqual(rest(stream.states, records));
          expect(rest(stream.states, records).map((user) => user.bought)).toEqual(
            users.map((user) => [...itemSetOf(bought.get(user) ?? [])]),
          );
          expect(rest(stream.states, records).map((user) => user.hidden)).toEqual(
            users.map((user) => [...itemSetOf(hidden.get(user) ?? [])]),
          );

          const first = Math.min(cut, records.length);
          yield* archive(records.slice(0, first), halves);
          const replay = streamed(records, first, (yield* learnt).states);
          expect(replay.outcomes).toEqual(stream.outcomes.slice(first));
          expect(rest(replay.states, records)).toEqual(rest(stream.states, records));
        }).pipe((run) => inFolder(() => run, { EVENT_TYPES: everyRole }), Effect.runPromise),
      ),
      { numRuns: 12 },
    ));
});
