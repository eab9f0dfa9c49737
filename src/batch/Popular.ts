/**
 * Popular: the articles with the most distinct buyers in the days before the latest purchase.
 *
 * The window holds the latest purchase day and the `POPULAR_DAYS` days before it; where fewer articles were bought in it
 * than the list is long, it is doubled until enough were or all history is in it. Counted are purchases of
 * raw/transactions and raw/events whose time is possible; a shop that has none yet (only clicks, say) has all its interactions counted.
 */
import { Clock, type ConfigError, Effect, Stream } from "effect";
import { batch } from "../config/Settings.ts";
import { itemMap, rawEvents, rawTransactions } from "../domain/TableSchemas.ts";
import { Popular, type PopularError, type PopularItems } from "../ports/Popular.ts";
import { Progress } from "../ports/Progress.ts";
import { type ColumnBatch, type TableError, Tables } from "../ports/Tables.ts";
import { type IdMap, ifThere, loadIdMap, makeIdMap } from "./IdMap.ts";
import { makeTimeOf, optionalColumns, purchaseCode, secondsPerDay, typeCodeOf, writtenAt } from "./InteractionRows.ts";
import { makeInteractionSums } from "./InteractionSums.ts";
import { listedIds } from "./ItemsFile.ts";

export interface PopularSummary extends PopularItems {
  /** Purchases within the window. */
  readonly purchases: number;
  readonly seconds: number;
}

/** Length of the list. */
export const popularItems = 50;

const timeColumns = ["t_dat", "event_type", "timestamp", "arrived_at"];
const columns = [...timeColumns, "customer_id", "article_id"];

interface Rows {
  readonly users: ArrayLike<string>;
  readonly items: ArrayLike<string>;
  readonly types: ArrayLike<string | null>;
  readonly timeOf: (row: number) => number | undefined;
}

const rowsOf = (read: ColumnBatch, arrival: number): Rows => ({
  users: read.columns.customer_id as ArrayLike<string>,
  items: read.columns.article_id as ArrayLike<string>,
  types: read.columns.event_type as ArrayLike<string | null>,
  timeOf: makeTimeOf(read, arrival),
});

type ReadRows = (
  wanted: ReadonlyArray<string>,
  use: (rows: Rows, count: number) => void,
) => Effect.Effect<void, TableError>;

interface Span {
  readonly onlyPurchases: boolean;
  /** Days since 1970-01-01. */
  readonly earliest: number;
  readonly latest: number;
}

/** The days that purchases span, or, where there are none, all interactions; undefined for empty tables. */
const findSpan = (readRows: ReadRows): Effect.Effect<Span | undefined, TableError> =>
  Effect.gen(function* () {
    const bought = { earliest: Number.POSITIVE_INFINITY, latest: Number.NEGATIVE_INFINITY };
    const known = { ...bought };
    yield* readRows(timeColumns, ({ timeOf, types }, count) => {
      for (let i = 0; i < count; i++) {
        const type = typeCodeOf(types[i]);
        const time = timeOf(i);
        if (type < 0 || time === undefined) continue;
        const day = Math.floor(time / secondsPerDay);
        if (day < known.earliest) known.earliest = day;
        if (day > known.latest) known.latest = day;
        if (type !== purchaseCode) continue;
        if (day < bought.earliest) bought.earliest = day;
        if (day > bought.latest) bought.latest = day;
      }
    });
    const onlyPurchases = bought.latest >= bought.earliest;
    const span = onlyPurchases ? bought : known;
    return span.latest >= span.earliest ? { ...span, onlyPurchases } : undefined;
  });

interface Counted {
  /** Distinct buyers by item index. */
  readonly buyers: Uint32Array;
  readonly shoppers: number;
  readonly purchases: number;
  readonly asOf: number;
}

/** Counts what happened on or after `firstDay`. */
const countBuyers = (
  readRows: ReadRows,
  itemIds: IdMap,
  firstDay: number,
  onlyPurchases: boolean,
): Effect.Effect<Counted, TableError> =>
  Effect.gen(function* () {
    const shoppers = makeIdMap([]);
    const sums = makeInteractionSums();
    let purchases = 0;
    let asOf = 0;
    yield* readRows(columns, ({ users, items, types, timeOf }, count) => {
      for (let i = 0; i < count; i++) {
        const time = timeOf(i);
        if (time === undefined || time < firstDay * secondsPerDay) continue;
        const type = typeCodeOf(types[i]);
        if (onlyPurchases ? type !== purchaseCode : type < 0) continue;
        const item = itemIds.find(items[i]);
        if (item === undefined) continue;
        purchases++;
        asOf = Math.max(asOf, time);
        sums.add(shoppers.indexOf(users[i]), item, 1, type === purchaseCode);
      }
    });
    const buyers = new Uint32Array(itemIds.size());
    for (const item of sums.finish().items) buyers[item]++;
    return { buyers, shoppers: shoppers.size(), purchases, asOf };
  });

/** Most buyers first; ties by smaller index. */
const mostBought = (buyers: Uint32Array, isListed: (itemIdx: number) => boolean): PopularItems["items"] =>
  Array.from(buyers, (count, itemIdx) => ({ itemIdx, buyers: count }))
    .filter((item) => item.buyers > 0 && isListed(item.itemIdx))
    .sort((a, b) => b.buyers - a.buyers || a.itemIdx - b.itemIdx)
    .slice(0, popularItems);

/** Counts and puts the list. Items that no preprocess has given an index yet, and those gone from the items file, are left out. */
export const popular: Effect.Effect<
  PopularSummary,
  TableError | PopularError | ConfigError.ConfigError,
  Tables | Popular | Progress
> = Effect.gen(function* () {
  const tables = yield* Tables;
  const store = yield* Popular;
  const progress = yield* Progress;
  const started = yield* Clock.currentTimeMillis;
  const configuredDays = yield* batch.popularDays.config;

  const sources = (yield* Effect.forEach([rawTransactions, rawEvents], ({ name }) =>
    Effect.map(ifThere(tables.snapshot(name)), (snapshot) => (snapshot === undefined ? [] : [{ name, snapshot }])),
  )).flat();
  const task = yield* progress.task({ label: "popular", unit: "rows" });
  const readRows: ReadRows = (wanted, use) =>
    Effect.forEach(
      sources,
      ({ name, snapshot }) =>
        tables.read(name, { columns: wanted, optional: optionalColumns, version: snapshot.version }).pipe(
          Stream.runForEach((read) =>
            Effect.sync(() => {
              use(rowsOf(read, writtenAt(snapshot)), read.rows);
              task.advance(read.rows);
            }),
          ),
        ),
      { discard: true },
    );

  const span = yield* findSpan(readRows);
  const itemIds = yield* loadIdMap(itemMap);
  const listed = yield* listedIds;
  const isListed = (itemIdx: number): boolean => listed?.has(itemIds.ids()[itemIdx]) ?? true;
  let windowDays = configuredDays;
  let counted: Counted = { buyers: new Uint32Array(0), shoppers: 0, purchases: 0, asOf: 0 };
  let items: PopularItems["items"] = [];
  if (span !== undefined) {
    const count = Effect.suspend(() => countBuyers(readRows, itemIds, span.latest - windowDays, span.onlyPurchases));
    counted = yield* count;
    items = mostBought(counted.buyers, isListed);
    while (items.length < popularItems && span.latest - windowDays > span.earliest) {
      windowDays *= 2;
      counted = yield* count;
      items = mostBought(counted.buyers, isListed);
    }
  }
  const { asOf, purchases, shoppers } = counted;
  const list: PopularItems = { asOf, windowDays, items };
  yield* store.put(list);
  const seconds = ((yield* Clock.currentTimeMillis) - started) / 1000;
  yield* Effect.log(
    `Found the ${items.length} most popular items of ${windowDays} days among ${purchases} ` +
      `${span?.onlyPurchases === false ? "interactions" : "purchases"} by ${shoppers} shoppers in ${seconds.toFixed(1)} s.`,
  );
  return { ...list, purchases, seconds };
}).pipe(Effect.scoped);
