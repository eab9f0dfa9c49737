/**
 * Updater: applies events to the user states of one model, exactly once.
 *
 * A batch is one read, one plain loop and one compare-and-set write. A conflict means that someone else wrote since:
 * the batch is read and computed again, and what the other applied is then skipped by its offset.
 */
import { Effect, Either, Schedule, Schema } from "effect";
import { slotOf } from "../domain/AppliedLogs.ts";
import { isForget } from "../domain/Forget.ts";
import type { UserState } from "../domain/UserState.ts";
import { backOff } from "../ports/BackOff.ts";
import type { CatalogueError, CatalogueService } from "../ports/Catalogue.ts";
import { DeadLetters, type DeadLettersError } from "../ports/DeadLetters.ts";
import type { EventLogError, LogRecord } from "../ports/EventLog.ts";
import type { ForgottenError } from "../ports/Forgotten.ts";
import { UserStates, type UserStatesError } from "../ports/UserStates.ts";
import { makeCatalogued } from "./Catalogued.ts";
import { type BatchContext, type Computed, type Counts, computeBatch, type Decoded } from "./ComputeBatch.ts";
import type { PlacedForget } from "./NoteForgotten.ts";
import type { Processing } from "./Processing.ts";
import { readRecord } from "./ReadRecord.ts";
import { openCounts } from "./StoredCounts.ts";

export interface UpdaterStanding {
  readonly identity: string;
  /** The log's number among the model's. */
  readonly number: number;
  /** Where the model's training data ends, per partition. */
  readonly start: (partition: number) => bigint;
}

export interface UpdaterOptions extends BatchContext {
  /** Which log there is, and where the model stands in it; asked for at each opening. */
  readonly standing: Effect.Effect<UpdaterStanding, UserStatesError | EventLogError>;
  /** The catalogue's, for items that the model does not know. Absent: nobody knows them. */
  readonly find?: CatalogueService["find"];
  /** Keeps what the log says of who is forgotten, before it is applied. */
  readonly onForget?: (log: string, word: PlacedForget) => Effect.Effect<void, ForgottenError>;
  /** Told after each batch that is durable: how many events had which outcome, and those that come of answers. */
  readonly onBatch?: (counts: Counts, records: ReadonlyArray<LogRecord>, attributed: Computed["attributed"]) => void;
  /** Bytes of events of followers that are stored before they are added up (`StoredCounts.ts`). */
  readonly leastJournal?: number;
}

/** Another owner kept winning: this one is a zombie, or two groups share a model. */
export class WriteConflict extends Schema.TaggedError<WriteConflict>()("WriteConflict", {
  partition: Schema.Int,
  message: Schema.String,
}) {}

export type UpdaterError =
  | UserStatesError
  | EventLogError
  | DeadLettersError
  | CatalogueError
  | ForgottenError
  | WriteConflict;

/** The newest words of the batch that forget users whose states are damaged, by user. */
const forgottenAmong = (
  damaged: ReadonlySet<string>,
  decoded: ReadonlyArray<Decoded>,
  durable: bigint,
): ReadonlyMap<string, bigint> =>
  new Map(
    decoded.flatMap(({ event, offset }) =>
      offset >= durable && Either.isRight(event) && isForget(event.right) && damaged.has(event.right.userId)
        ? [[event.right.userId, offset] as const]
        : [],
    ),
  );

const retries = Schedule.intersect(backOff("20 millis", "2 seconds"), Schedule.recurs(6));

/** Events of one model, partition by partition; nothing is shared between partitions but the item vectors. */
export const updater = (
  options: UpdaterOptions,
): Effect.Effect<Processing<UpdaterError, never>, never, UserStates | DeadLetters> =>
  Effect.gen(function* () {
    const states = yield* UserStates;
    const deadLetters = yield* DeadLetters;
    const { items, model } = options;
    const catalogued = makeCatalogued(items, options.find);

    const open = (partition: number) =>
      Effect.gen(function* () {
        const { identity, number, start } = yield* options.standing;
        const slot = slotOf(number, partition);
        const from = (yield* states.position(model, slot)) ?? start(partition);
        const stored = yield* openCounts(states, model, slot, options.leastJournal);
        let durable = from;

        const noted = (decoded: ReadonlyArray<Decoded>) =>
          Effect.forEach(
            decoded,
            ({ appendedAt, event, offset }) =>
              Either.isRight(event) && isForget(event.right) && options.onForget !== undefined
                ? options.onForget(identity, { word: event.right, partition, offset, appendedAt })
                : Effect.void,
            { discard: true },
          );

        const attempt = (
          decoded: ReadonlyArray<Decoded>,
          userIds: ReadonlyArray<string>,
          context: BatchContext,
        ): Effect.Effect<bigint, UpdaterError> =>
          Effect.gen(function* () {
            // First of all: whoever writes a trend from now on makes a conflict of this attempt, which read less.
            const trend = yield* states.trend(model, slot);
            const read = (yield* states.readPacked(model, userIds)).map((state) => state());
            // After the states: whoever was forgotten by then had been applied below it.
            const position = (yield* states.position(model, slot)) ?? from;
            if (position > durable) {
              // Another wrote, perhaps after the states were read.
              durable = position;
              return yield* attempt(decoded, userIds, context);
            }
            const known = new Map<string, UserState | undefined>();
            const damaged = new Set<string>();
            for (const [i, state] of read.entries()) {
              if (state === "damaged") damaged.add(userIds[i]);
              else known.set(userIds[i], state);
            }
            const leaving = forgottenAmong(damaged, decoded, durable);
            if (leaving.size > 0) {
              yield* noted(decoded);
              for (const [userId, offset] of leaving) yield* states.forget(model, userId, { slot, next: offset + 1n });
              return yield* attempt(decoded, userIds, context);
            }
            const { attributed, batch, counts, followed, letters } = computeBatch(
              { partition, slot, log: identity, durable, start },
              decoded,
              known,
              damaged,
              trend,
              context,
            );
            const followers = yield* stored.toWrite(followed);
            if (letters.length > 0) yield* deadLetters.append(letters);
            yield* noted(decoded);
            const conflicts = yield* states.write(model, {
              ...batch,
              trend: batch.trend && { ...batch.trend, followers },
            });
            if (conflicts.length > 0) {
              return yield* new WriteConflict({
                partition,
                message: `another updater wrote ${conflicts.length} of ${batch.users.length} users of partition ${partition} meanwhile`,
              });
            }
            stored.written(followers);
            options.onBatch?.(counts, decoded, attributed);
            return batch.next;
          });

        const apply = (records: ReadonlyArray<LogRecord>) =>
          Effect.gen(function* () {
            const decoded = records.map((record) => ({ ...record, event: readRecord(identity, partition, record) }));
            const read = decoded.flatMap(({ event }) => (Either.isRight(event) ? [event.right] : []));
            const userIds = [...new Set(read.map(({ userId }) => userId))];
            const indices = yield* catalogued(read.flatMap((event) => (isForget(event) ? [] : [event.itemId])));
            const context = { ...options, items: { ...items, catalogued: (itemId: string) => indices.get(itemId) } };
            return yield* attempt(decoded, userIds, context).pipe(
              Effect.retry({ schedule: retries, while: (error) => error._tag === "WriteConflict" }),
              Effect.map((next) => {
                if (next > durable) durable = next;
                return durable;
              }),
            );
          });

        return { from, apply, flush: Effect.sync(() => durable) };
      });

    return {
      name: "updater",
      open,
      flushAge: undefined,
      isTransient: (error) =>
        error._tag !== "WriteConflict" && (error._tag !== "EventLogError" || error.reason === "Unavailable"),
    };
  });
