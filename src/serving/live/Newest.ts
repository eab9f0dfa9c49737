/** Newest: the last events of the log, read from its end, whoever sent and whoever applies them. */
import { Effect, Either, Option } from "effect";
import type { LiveCatalogueService } from "../../catalogue/LiveCatalogue.ts";
import type { Event } from "../../domain/Event.ts";
import { isForget } from "../../domain/Forget.ts";
import { saltedHash } from "../../domain/Forgotten.ts";
import { isBefore } from "../../forgetting/Letters.ts";
import { EventLog } from "../../ports/EventLog.ts";
import { Forgotten } from "../../ports/Forgotten.ts";
import { readRecord } from "../../stream/ReadRecord.ts";
import type { LiveEvent } from "./LiveState.ts";

/** So many at most, of all partitions together. */
export const mostEvents = 20;

interface Found {
  readonly event: Event;
  readonly partition: number;
  readonly offset: bigint;
  readonly appendedAt: number;
}

/** Where to begin in a partition that has grown from `from`, undefined at first, to `end`. */
const startOf = (from: bigint | undefined, end: bigint, most: number): bigint => {
  const last = end - BigInt(most);
  const known = from ?? 0n;
  return last > known ? last : known;
};

/**
 * Newest first; `before`: the ends up to which all was told. Who was forgotten is left out, and all are while that cannot be known.
 */
export const newestEvents = (
  before: ReadonlyArray<bigint> | undefined,
  ends: ReadonlyArray<bigint>,
  live: Pick<LiveCatalogueService, "idxOf" | "itemOf">,
) =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    const forgotten = yield* Forgotten;
    const most = Math.max(3, Math.ceil(mostEvents / ends.length));
    const grown = ends.flatMap((end, partition) => {
      const from = startOf(before?.[partition], end, most);
      return end > from ? [{ partition, from }] : [];
    });
    if (grown.length === 0) return [];
    const identity = yield* log.identity;
    const found = yield* Effect.forEach(
      grown,
      ({ from, partition }) =>
        Effect.map(log.read(partition, from, most), (records) =>
          records.flatMap((record): ReadonlyArray<Found> => {
            const { appendedAt, offset } = record;
            const event = Option.getOrUndefined(Either.getRight(readRecord(identity, partition, record)));
            return event === undefined || isForget(event) ? [] : [{ event, partition, offset, appendedAt }];
          }),
        ),
      { concurrency: "unbounded" },
    );
    const newest = found
      .flat()
      .sort((a, b) => b.appendedAt - a.appendedAt)
      .slice(0, mostEvents);
    const salt = yield* forgotten.salt;
    const known = yield* Effect.filter(newest, ({ appendedAt, event, offset, partition }) =>
      Effect.map(
        forgotten.find(saltedHash(salt, event.userId)),
        (tombstone) =>
          tombstone === undefined || !isBefore({ log: identity, partition, offset, appendedAt }, tombstone),
      ),
    );
    return known.map(({ appendedAt, event, offset, partition }): LiveEvent => {
      const itemIdx = live.idxOf(event.itemId);
      return {
        at: new Date(appendedAt * 1000).toISOString(),
        user_id: event.userId,
        item_id: event.itemId,
        title: (itemIdx === undefined ? undefined : live.itemOf(itemIdx)?.title) ?? null,
        event_type: event.eventType,
        partition,
        offset: String(offset),
      };
    });
  });
