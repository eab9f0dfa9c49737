/**
 * Replay: a history in time order, in bounded memory.
 *
 * The days are read first. A history whose days ascend is read once more, day by day; any other once per window of days
 * that holds at most `windowRows` rows. Rows that know only their day are spread over its opening hours in their order.
 */
import { Effect, Stream } from "effect";
import type { Draft } from "./Draft.ts";
import type { History, HistoryRow } from "./History.ts";

const daySeconds = 86_400;
const opening = 8 * 3_600;
const openFor = 14 * 3_600;
const defaultWindow = 500_000;

/** All rows of some days, in order of time; rows of equal time stay in their order. */
const timed = (rows: ReadonlyArray<HistoryRow>): ReadonlyArray<Draft & { readonly timestamp: number }> => {
  const perDay = new Map<number, number>();
  for (const { day } of rows) perDay.set(day, (perDay.get(day) ?? 0) + 1);
  const passed = new Map<number, number>();
  return rows
    .map(({ day, timestamp, ...draft }) => {
      const before = passed.get(day) ?? 0;
      passed.set(day, before + 1);
      return { ...draft, timestamp: timestamp ?? day * daySeconds + opening + (openFor * before) / perDay.get(day)! };
    })
    .sort((one, other) => one.timestamp - other.timestamp);
};

interface Outline {
  readonly ascending: boolean;
  /** First and last day of each window. */
  readonly windows: ReadonlyArray<readonly [number, number]>;
}

const outline = <E>(history: History<E>, windowRows: number): Effect.Effect<Outline, E> =>
  Effect.gen(function* () {
    const counts = new Map<number, number>();
    let ascending = true;
    let last = Number.NEGATIVE_INFINITY;
    yield* Stream.runForEach(history.days, (days) =>
      Effect.sync(() => {
        for (const day of days) {
          if (day < last) ascending = false;
          last = day;
          counts.set(day, (counts.get(day) ?? 0) + 1);
        }
      }),
    );
    const windows: Array<[number, number]> = [];
    let held = Number.POSITIVE_INFINITY;
    for (const [day, count] of [...counts].sort(([one], [other]) => one - other)) {
      if (held + count > windowRows) {
        windows.push([day, day]);
        held = count;
      } else {
        windows.at(-1)![1] = day;
        held += count;
      }
    }
    return { ascending, windows };
  });

/** Day by day, of rows whose days ascend. */
const byDay = <E>(history: History<E>): Stream.Stream<ReadonlyArray<HistoryRow>, E> =>
  Stream.suspend(() => {
    let open: Array<HistoryRow> = [];
    const split = (rows: ReadonlyArray<HistoryRow>): Array<Array<HistoryRow>> => {
      const closed: Array<Array<HistoryRow>> = [];
      for (const row of rows) {
        if (open.length > 0 && open[0]!.day !== row.day) {
          closed.push(open);
          open = [];
        }
        open.push(row);
      }
      return closed;
    };
    return history.rows.pipe(Stream.mapConcat(split), Stream.concat(Stream.suspend(() => Stream.make(open))));
  });

const byWindow = <E>(history: History<E>, windows: Outline["windows"]): Stream.Stream<ReadonlyArray<HistoryRow>, E> =>
  Stream.fromIterable(windows).pipe(
    Stream.mapEffect(([first, last]) =>
      Stream.runFold(history.rows, [] as Array<HistoryRow>, (held, rows) => {
        for (const row of rows) if (row.day >= first && row.day <= last) held.push(row);
        return held;
      }),
    ),
  );

export const replay = <E>(history: History<E>, windowRows = defaultWindow): Stream.Stream<Draft, E> =>
  Stream.unwrap(
    Effect.map(outline(history, windowRows), ({ ascending, windows }) =>
      (ascending ? byDay(history) : byWindow(history, windows)).pipe(Stream.mapConcat(timed)),
    ),
  );
