/** UserTables: what preprocess wrote of each user, user by user in order of their index, at a snapshot's versions. */
import { Chunk, Effect, Option, type Scope, Stream } from "effect";
import { eventTypeCode } from "../domain/Event.ts";
import { hasItem, type ItemSet, noItems } from "../domain/ItemSet.ts";
import type { TrainingSnapshot } from "../domain/Model.ts";
import { packEvents, type RecentEvent, type RecentEvents } from "../domain/RecentEvents.ts";
import { type TableDefinition, userBought, userHistory, userRecent } from "../domain/TableSchemas.ts";
import { type Interaction, purchasesOf } from "../domain/UserState.ts";
import type { ColumnBatch, TableError, Tables } from "../ports/Tables.ts";
import { readTable, type TrainingDataError } from "./TrainingData.ts";

const purchase = eventTypeCode("purchase");

interface UserRows<A> {
  readonly userIdx: number;
  /** In the order of the table. */
  readonly rows: ReadonlyArray<A>;
}

type Users<A> = Stream.Stream<ReadonlyArray<UserRows<A>>, TrainingDataError | TableError, Tables>;

/** The rows of each user who has some. */
const byUser = <A>(
  snapshot: TrainingSnapshot,
  table: TableDefinition,
  rowsOf: (batch: ColumnBatch) => (row: number) => A,
): Users<A> =>
  Stream.suspend(() => {
    let userIdx = -1;
    let rows: Array<A> = [];
    return readTable(snapshot, table).pipe(
      Stream.map((batch) => {
        const users = batch.columns.user_idx as ArrayLike<number>;
        const rowOf = rowsOf(batch);
        const complete: Array<UserRows<A>> = [];
        for (let i = 0; i < batch.rows; i++) {
          if (users[i] !== userIdx) {
            if (userIdx >= 0) complete.push({ userIdx, rows });
            userIdx = users[i];
            rows = [];
          }
          rows.push(rowOf(i));
        }
        return complete;
      }),
      Stream.concat(Stream.suspend(() => (userIdx < 0 ? Stream.empty : Stream.make([{ userIdx, rows }])))),
      Stream.filter((complete) => complete.length > 0),
    );
  });

/** The kept interactions, oldest first. */
export const readHistory = (snapshot: TrainingSnapshot): Users<Interaction> =>
  byUser(snapshot, userHistory, ({ columns }) => {
    const items = columns.item_idx as ArrayLike<number>;
    const types = columns.type as ArrayLike<number>;
    const times = columns.timestamp as ArrayLike<number>;
    return (row) => ({ itemIdx: items[row], type: types[row], time: times[row] });
  });

/** Nothing for a snapshot of version 0.1, which did not write the table. */
const byUserIfThere: typeof byUser = (snapshot, table, rowsOf) =>
  table.name in snapshot.tables ? byUser(snapshot, table, rowsOf) : Stream.empty;

/** What was ever bought, ascending. */
export const readBought = (snapshot: TrainingSnapshot): Users<number> =>
  byUserIfThere(snapshot, userBought, ({ columns }) => {
    const items = columns.item_idx as ArrayLike<number>;
    return (row) => items[row];
  });

/** The events that are remembered, in the log's order. */
export const readRecent = (snapshot: TrainingSnapshot): Users<RecentEvent> =>
  byUserIfThere(snapshot, userRecent, ({ columns }) => {
    const ids = columns.event_key as ArrayLike<bigint>;
    const arrivals = columns.arrived_at as ArrayLike<number>;
    const times = columns.timestamp as ArrayLike<number>;
    const items = columns.item_idx as ArrayLike<number>;
    const types = columns.type as ArrayLike<number>;
    const counted = columns.counted as ArrayLike<boolean>;
    return (row) => ({
      id: Number(ids[row]),
      arrival: arrivals[row],
      time: times[row],
      itemIdx: items[row],
      type: types[row],
      counted: counted[row],
    });
  });

/** Answers the rows of the users up to and including `last`, which must not go down between calls. */
type UpTo<A> = (
  last: number,
) => Effect.Effect<ReadonlyMap<number, ReadonlyArray<A>>, TrainingDataError | TableError, Tables>;

const upTo = <A>(users: Users<A>): Effect.Effect<UpTo<A>, never, Tables | Scope.Scope> =>
  Effect.map(Stream.toPull(users), (pull) => {
    let read: ReadonlyArray<UserRows<A>> = [];
    let over = false;
    return (last) =>
      Effect.gen(function* () {
        const found = new Map<number, ReadonlyArray<A>>();
        while (true) {
          const rest: Array<UserRows<A>> = [];
          for (const user of read) {
            if (user.userIdx <= last) found.set(user.userIdx, user.rows);
            else rest.push(user);
          }
          read = rest;
          if (over || rest.length > 0) return found;
          const more = yield* pull.pipe(
            Effect.asSome,
            Effect.catchAll(Option.match({ onNone: () => Effect.succeedNone, onSome: (error) => Effect.fail(error) })),
          );
          if (Option.isNone(more)) over = true;
          else read = Chunk.toReadonlyArray(more.value).flat();
        }
      });
  });

export interface UserPast {
  readonly interactions: ReadonlyArray<Interaction>;
  readonly bought: ItemSet;
  readonly recent: RecentEvents;
}

/**
 * Answers what is known of each of the users up to and including `last`, which must not go down between calls. Where
 * what was bought was not kept apart, it is the purchases of the history.
 */
export const pastUpTo = (
  snapshot: TrainingSnapshot,
): Effect.Effect<
  (last: number) => Effect.Effect<(userIdx: number) => UserPast, TrainingDataError | TableError, Tables>,
  never,
  Tables | Scope.Scope
> =>
  Effect.gen(function* () {
    const history = yield* upTo(readHistory(snapshot));
    const purchases = yield* upTo(readBought(snapshot));
    const recent = yield* upTo(readRecent(snapshot));
    const kept = userBought.name in snapshot.tables;
    return (last) =>
      Effect.map(Effect.all([history(last), purchases(last), recent(last)]), ([histories, boughts, recents]) => {
        const recentOf = (userIdx: number): RecentEvents => packEvents(recents.get(userIdx) ?? []);
        return (userIdx) => {
          const interactions = histories.get(userIdx) ?? [];
          if (!kept) return { interactions, bought: purchasesOf(interactions), recent: recentOf(userIdx) };
          const found = boughts.get(userIdx);
          const bought = found === undefined ? noItems : Uint32Array.from(found);
          // A purchase that was taken back is none.
          const counts = ({ itemIdx, type }: Interaction): boolean => type !== purchase || hasItem(bought, itemIdx);
          return { interactions: interactions.filter(counts), bought, recent: recentOf(userIdx) };
        };
      });
  });
