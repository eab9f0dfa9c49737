/**
 * Judge: the archived events of users, one user after the other, each one's in the order of the log: which of them repeat one of the last
 * day, what is remembered at the end, and what the user was shown and did nothing to since. By the very functions of the stream
 * (`learning/Recent.ts`, `learning/Shown.ts`), so that both come to the same.
 */
import { Stream } from "effect";
import type { ColumnBatch, Field } from "../domain/Columns.ts";
import { eventKey, packEvents, type RecentEvent, unpackEvents } from "../domain/RecentEvents.ts";
import { type ShownItems, withoutShown, withShown } from "../domain/ShownItems.ts";
import { userRecent } from "../domain/TableSchemas.ts";
import {
  dropOutdated,
  makeRecent,
  type Recent,
  recentEvents,
  remember,
  rememberedSeconds,
} from "../learning/Recent.ts";
import { markShown } from "../learning/Shown.ts";
import { makeShownPast, makeShownRows } from "./ShownRows.ts";

/**
 * What a row tells. remembered: a row of user_recent. event: one that counts, and may be a retry. impression: something was shown; without an
 * id, or without arrival, it always counts. act: something was done to an item, of which nothing is remembered. item, key: rows of user_shown.
 */
export const rowKinds = { remembered: 0, event: 1, impression: 2, act: 3, item: 4, key: 5 } as const;

export interface Judge {
  /** Takes rows in order of user, then place. */
  readonly read: (batch: ColumnBatch) => void;
  readonly finish: () => void;
  /** Places of the events that repeat another. */
  readonly repeated: Array<bigint>;
  /** The rows of user_recent, and `n`, their number. */
  readonly remembered: ReadonlyArray<ColumnBatch>;
  /** Gives away rows of user_shown, and `n`, their place among their user's: those that are made; after `finish`, all. */
  readonly takeShown: () => ReadonlyArray<ColumnBatch>;
}

const batchRows = 1 << 16;

/** `n` is the number of the row. */
export const rememberedColumns: ReadonlyArray<Field> = [
  { name: "n", type: "long", nullable: false },
  ...userRecent.schema,
];

interface Remembered {
  readonly batches: Array<ColumnBatch>;
  readonly add: (userIdx: number, partition: number, event: RecentEvent) => void;
  readonly flush: () => void;
}

/** The rows of user_recent in batches of typed arrays: they may be two days' events. */
const makeRemembered = (): Remembered => {
  const batches: Array<ColumnBatch> = [];
  let held: Array<readonly [number, number, RecentEvent]> = [];
  let n = 0;
  const flush = (): void => {
    if (held.length === 0) return;
    batches.push({
      rows: held.length,
      columns: {
        n: BigInt64Array.from(held, (_, i) => BigInt(n - held.length + i)),
        user_idx: Int32Array.from(held, ([user]) => user),
        event_key: BigInt64Array.from(held, ([, , { id }]) => BigInt(id)),
        arrived_at: Float64Array.from(held, ([, , { arrival }]) => arrival),
        timestamp: Float64Array.from(held, ([, , { time }]) => time),
        item_idx: Int32Array.from(held, ([, , { itemIdx }]) => itemIdx),
        type: Int32Array.from(held, ([, , { type }]) => type),
        counted: held.map(([, , { counted }]) => counted),
        log_partition: Int32Array.from(held, ([, partition]) => partition),
      },
    });
    held = [];
  };
  return {
    batches,
    add: (userIdx, partition, event) => {
      n++;
      if (held.push([userIdx, partition, event]) === batchRows) flush();
    },
    flush,
  };
};

/** `newestOf` is when the newest event of a partition arrived, undefined where there is no new one. */
export const makeJudge = (debounceSeconds: number, newestOf: (partition: number) => number | undefined): Judge => {
  const repeated: Judge["repeated"] = [];
  const remembered = makeRemembered();
  const shownRows = makeShownRows();
  const past = makeShownPast();
  let isFinished = false;
  let user = -1;
  let partition = 0;
  /** What was remembered of the user before the first event. */
  let before: Array<RecentEvent> = [];
  let recent: Recent | undefined;
  let shown: ShownItems | undefined;

  const recentOf = (): Recent => {
    recent ??= makeRecent(packEvents(before));
    return recent;
  };
  const shownOf = (): ShownItems => {
    shown ??= past.take();
    return shown;
  };
  const endUser = (): void => {
    const held = recentOf();
    dropOutdated(held, (newestOf(partition) ?? 0) - rememberedSeconds);
    for (const event of unpackEvents(recentEvents(held))) remembered.add(user, partition, event);
    shownRows.add(user, shownOf());
  };
  const beginUser = (userIdx: number): void => {
    if (user >= 0) endUser();
    user = userIdx;
    before = [];
    recent = undefined;
    shown = undefined;
  };

  return {
    repeated,
    remembered: remembered.batches,
    takeShown: () => shownRows.take(isFinished),
    read: ({ rows, columns }) => {
      const users = columns.user_idx as ArrayLike<number>;
      const items = columns.item_idx as ArrayLike<number>;
      const types = columns.type as ArrayLike<number>;
      const times = columns.time as ArrayLike<number>;
      const arrivals = columns.arrival as ArrayLike<number | null>;
      const partitions = columns.log_partition as ArrayLike<number>;
      const ids = columns.event_id as ArrayLike<string | null>;
      const numbers = columns.number as ArrayLike<bigint>;
      const counted = columns.counted as ArrayLike<boolean>;
      const places = columns.place as ArrayLike<bigint>;
      const kinds = columns.kind as ArrayLike<number>;
      for (let i = 0; i < rows; i++) {
        if (users[i] !== user) beginUser(users[i]);
        const [itemIdx, time, arrival, id] = [items[i], times[i], arrivals[i], ids[i]];
        switch (kinds[i]) {
          case rowKinds.remembered: {
            partition = partitions[i];
            const event = { arrival: arrival as number, time, itemIdx, type: types[i] };
            before.push({ ...event, id: Number(numbers[i]), counted: counted[i] });
            break;
          }
          case rowKinds.event: {
            partition = partitions[i];
            const event = { id: eventKey(id as string), arrival: arrival as number, time, itemIdx, type: types[i] };
            if (remember(recentOf(), event, debounceSeconds) === "repeated") repeated.push(places[i]);
            else shown = withoutShown(shownOf(), itemIdx);
            break;
          }
          case rowKinds.impression:
            if (id === null || arrival === null) shown = withShown(shownOf(), itemIdx, time, undefined);
            else shown = markShown(shownOf(), recentOf(), { id: eventKey(id), arrival, time, itemIdx }) ?? shownOf();
            break;
          case rowKinds.act:
            shown = withoutShown(shownOf(), itemIdx);
            break;
          case rowKinds.item:
            past.item(itemIdx, time, Number(numbers[i]));
            break;
          case rowKinds.key:
            past.impression(Number(numbers[i]));
            break;
        }
      }
    },
    finish: () => {
      if (user >= 0) endUser();
      isFinished = true;
      remembered.flush();
    },
  };
};

/** What the judge makes of rows of user_shown; when it ends, all rows were judged, and the judge has the rest. */
export const judgedRows = <E, R>(
  judge: Judge,
  rows: Stream.Stream<ColumnBatch, E, R>,
): Stream.Stream<ColumnBatch, E, R> =>
  Stream.concat(
    Stream.mapConcat(rows, (batch) => {
      judge.read(batch);
      return judge.takeShown();
    }),
    Stream.suspend(() => {
      judge.finish();
      return Stream.fromIterable(judge.takeShown());
    }),
  );
