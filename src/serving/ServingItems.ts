/**
 * ServingItems: the items that a model's answers may be of, by row: those that the model knows and, behind them in spare rows, those
 * that the shop has put up since. What is said of each is the live catalogue's; of one that it has no word about, the model's.
 *
 * A new item takes a spare row when it is first for sale, and keeps it. Its vector is by its attributes, as far as the model learnt
 * where such lie, else zeros.
 */
import { type Columns, makeColumns } from "../catalogue/Columns.ts";
import { type Few, makeFew } from "../catalogue/filter/Few.ts";
import { fill } from "../catalogue/filter/Fill.ts";
import { matcherOf } from "../catalogue/filter/Match.ts";
import type { LiveItems } from "../catalogue/LiveItems.ts";
import { featuresOf } from "../domain/Features.ts";
import { attributePrefix } from "../domain/ItemRecord.ts";
import type { Where } from "../domain/Where.ts";
import { inverseLengths } from "../kernels/Lengths.ts";
import type { ModelItems } from "../ports/ItemIndex.ts";
import { placing } from "../training/Attributes.ts";
import { type ServedMetadata, wordedBy } from "./Metadata.ts";
import { makeWorded } from "./Worded.ts";

/** `now`: unix milliseconds. */
type RowsListener = (rows: ReadonlyArray<number>, now: number) => void;

/** Arrays are longer than there are rows: behind those of the model and those that are taken stand spare ones. */
export interface ServingItems extends Omit<ModelItems, "available" | "metadata"> {
  /** Rows of smaller numbers stand for an item. */
  readonly size: () => number;
  /** By row, 1 / |vector|; 0 for zeros. */
  readonly inverse: Float64Array;
  readonly metadata: (row: number) => ServedMetadata;
  /** The shop's id of an item. */
  readonly idOf: (itemIdx: number) => string | undefined;
  /** See `LiveItems`. */
  readonly listedAt: (row: number) => number;
  /** Whether the item may be shown at `now`. */
  readonly isOpen: (row: number, now: number) => boolean;
  /** Whether the item of a row is as the condition says, whenever it is asked. */
  readonly matcher: (where: Where) => (row: number) => boolean;
  /** `into[row]` becomes 1 where the item is so, else 0. */
  readonly fill: (where: Where, into: Uint8Array) => void;
  /** The rows of all that are so, some perhaps twice, in no order; undefined where they may be many. */
  readonly few: (where: Where) => Uint32Array | undefined;
  /** What it takes to tell that, in bytes. */
  readonly fewBytes: () => number;
  /** One who listens: is told of rows whose items may be shown, or are otherwise, from now on. */
  readonly onChange: (listener: RowsListener) => void;
  /** One who listens: is told of a row whose vector is another from now on. */
  readonly onPlaced: (listener: (row: number) => void) => void;
  /** Ends following the catalogue. */
  readonly close: () => void;
}

/** Of all items, what is few: looking for more by a column's values is no quicker than looking at all. */
const fewOf = (items: number): number => Math.max(64, items >>> 2);

const noRows = new Uint32Array(0);

/** Rows to spare beside those of the model and those `put` since: as many again, so that a long upload makes room a few times alone. */
const spareOf = (rows: number, put: number): number => Math.max(1024, Math.floor(rows / 8), put);

const extended = <A extends Float32Array | Uint32Array | Uint8Array>(array: A, length: number): A => {
  const longer = new (array.constructor as new (length: number) => A)(length);
  longer.set(array);
  return longer;
};

/** Of all rows; those behind the model's have no followers of the batch. */
const extendedFollowers = ({ counts, items, pointers, totals }: ModelItems["followers"], rows: number) => {
  const longer = { pointers: new Uint32Array(rows + 1).fill(items.length), totals: new Float64Array(rows) };
  longer.pointers.set(pointers);
  longer.totals.set(totals);
  return { counts, items, ...longer };
};

/** What the model knows of its items, by row, for those that the catalogue has no word about. */
const columnsOf = ({ metadata }: ModelItems): Columns => {
  const columns = makeColumns();
  metadata.forEach((own, row) => {
    for (const [name, text] of Object.entries(own)) columns.add(row, `${attributePrefix}${name}`, text);
    columns.add(row, "item_id", own.article_id);
    columns.add(row, "title", own.prod_name);
  });
  return columns;
};

/** `onFull`: an item found no spare row. */
export const makeServingItems = (model: ModelItems, live: LiveItems, now: number, onFull: () => void): ServingItems => {
  const { rank } = model;
  const modelRows = model.itemIdx.length;
  const { isSaid } = live;
  const put = Array.from({ length: live.columns.size }, (_, itemIdx) => itemIdx).filter(
    (itemIdx) => model.rowOfIdx(itemIdx) === undefined && live.isOpen(itemIdx, now) === true,
  );
  const capacity = modelRows + put.length + spareOf(modelRows, put.length);
  const itemIdx = extended(model.itemIdx, capacity);
  const vectors = extended(model.vectors, capacity * rank);
  const inverse = inverseLengths(vectors, rank);
  const isNew = extended(model.isNew, capacity);
  let size = modelRows;

  /** By item index: 1 + its row; 0: none. */
  let rowTable = new Uint32Array(Math.max(live.columns.size, (model.itemIdx[modelRows - 1] ?? 0) + 1) + capacity);
  for (let row = 0; row < modelRows; row++) rowTable[itemIdx[row]!] = row + 1;
  const rowOfIdx = (index: number): number | undefined => {
    const place = rowTable[index];
    return place === undefined || place === 0 ? undefined : place - 1;
  };

  const placedListeners: Array<(row: number) => void> = [];
  const place = model.attributes === undefined ? undefined : placing(model.attributes);
  const setVector = (row: number): void => {
    if (place === undefined) return;
    const fields = live.fieldsOf(itemIdx[row]!);
    if (fields === undefined) return;
    const vector = place(featuresOf(fields));
    vectors.fill(0, row * rank, (row + 1) * rank);
    if (vector !== undefined) vectors.set(vector, row * rank);
    const squares = vector?.reduce((sum, value) => sum + value * value, 0) ?? 0;
    inverse[row] = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (const placed of placedListeners) placed(row);
  };

  const takeSpare = (index: number): number | undefined => {
    if (size === capacity) {
      onFull();
      return undefined;
    }
    if (index >= rowTable.length) rowTable = extended(rowTable, Math.max(index + 1, 2 * rowTable.length));
    const row = size++;
    itemIdx[row] = index;
    isNew[row] = 1;
    rowTable[index] = size;
    setVector(row);
    return row;
  };
  for (const index of put) takeSpare(index);

  let columns: Columns | undefined;
  const ownColumns = (): Columns => {
    columns ??= columnsOf(model);
    return columns;
  };

  const filledOf = (where: Where): Uint8Array => {
    const filled = new Uint8Array(modelRows);
    fill(where, ownColumns(), filled);
    return filled;
  };

  const worded = makeWorded((row) => {
    const own = model.metadata[row];
    const index = itemIdx[row]!;
    return own === undefined || isSaid(index) ? wordedBy(live, index) : { ...own, item_id: own.article_id };
  });

  /** Of the model's rows, 1 where the shop has said something, and how many are 0. */
  const isSaidRow = Uint8Array.from({ length: modelRows }, (_, row) => (isSaid(itemIdx[row]!) ? 1 : 0));
  let unsaid = isSaidRow.reduce((left, one) => left - one, modelRows);
  const setSaid = (row: number): void => {
    const one = isSaid(itemIdx[row]!) ? 1 : 0;
    unsaid += isSaidRow[row]! - one;
    isSaidRow[row] = one;
  };

  const fewLive = makeFew(live.columns);
  let fewOwn: Few | undefined;
  const few = (where: Where): Uint32Array | undefined => {
    const most = fewOf(size);
    const said = fewLive.find(where, most);
    if (said === undefined) return undefined;
    fewOwn ??= unsaid === 0 ? undefined : makeFew(ownColumns());
    const own = unsaid === 0 ? noRows : fewOwn?.find(where, most);
    if (own === undefined) return undefined;
    const rows = new Uint32Array(said.length + own.length);
    let n = 0;
    for (const index of said) {
      const row = isSaid(index) ? rowOfIdx(index) : undefined;
      if (row !== undefined) rows[n++] = row;
    }
    for (const row of own) if (isSaidRow[row] === 0) rows[n++] = row;
    return rows.subarray(0, n);
  };

  const listeners: Array<RowsListener> = [];
  const close = live.onChange((changed, at) => {
    const rows = changed.flatMap((index) => {
      const row = rowOfIdx(index);
      if (row !== undefined && row < modelRows) setSaid(row);
      if (row === undefined) return live.isOpen(index, at) === true ? (takeSpare(index) ?? []) : [];
      worded.forget(row);
      if (row >= modelRows) setVector(row);
      return row;
    });
    for (const listener of listeners) listener(rows, at);
  });

  const idOf = (index: number): string | undefined => {
    const id = live.idOf(index);
    if (id !== undefined) return id;
    const row = rowOfIdx(index);
    return row === undefined ? undefined : model.metadata[row]?.article_id;
  };

  return {
    rank,
    itemIdx,
    vectors,
    inverse,
    isNew,
    buyers: extended(model.buyers, capacity),
    popularity: extended(model.popularity, capacity),
    followers: extendedFollowers(model.followers, capacity),
    size: () => size,
    rowOfIdx,
    rowOf: (id) => {
      const known = model.rowOf(id);
      if (known !== undefined) return known;
      const index = live.idxOf(id);
      return index === undefined ? undefined : rowOfIdx(index);
    },
    idOf,
    metadata: worded.of,
    listedAt: (row) => live.listedAt(itemIdx[row]!),
    isOpen: (row, at) => live.isOpen(itemIdx[row]!, at) ?? model.available[row] === 1,
    matcher: (where) => {
      const matches = matcherOf(where, live.columns);
      let known: ((row: number) => boolean) | undefined;
      return (row) => {
        if (isSaid(itemIdx[row]!)) return matches(itemIdx[row]!);
        known ??= matcherOf(where, ownColumns());
        return known(row);
      };
    },
    fill: (where, into) => {
      const byIdx = new Uint8Array(live.columns.size);
      fill(where, live.columns, byIdx);
      for (let row = 0; row < size; row++) into[row] = byIdx[itemIdx[row]!]!;
      if (unsaid === 0) return;
      const known = filledOf(where);
      for (let row = 0; row < modelRows; row++) if (isSaidRow[row] === 0) into[row] = known[row]!;
    },
    few,
    fewBytes: () => fewLive.bytes() + (fewOwn?.bytes() ?? 0),
    onChange: (listener) => void listeners.push(listener),
    onPlaced: (listener) => void placedListeners.push(listener),
    close,
  };
};
