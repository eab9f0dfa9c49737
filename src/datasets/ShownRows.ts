/** ShownRows: what users were shown, to and from the rows of user_shown, a user at a time. */
import type { ColumnBatch, Field } from "../domain/Columns.ts";
import { mostImpressions, mostShown, type ShownItems, shownSize } from "../domain/ShownItems.ts";
import { userShown } from "../domain/TableSchemas.ts";

/** `n`: the place of the row among its user's. */
export const shownColumns: ReadonlyArray<Field> = [
  { name: "n", type: "integer", nullable: false },
  ...userShown.schema,
];

export interface ShownRows {
  readonly add: (userIdx: number, shown: ShownItems) => void;
  /** Gives away the batches that are full, or, at the end, all that is left. */
  readonly take: (isEnd: boolean) => ReadonlyArray<ColumnBatch>;
}

const batchRows = 1 << 16;
/** Of one user. */
const most = mostShown + mostImpressions;

const makeColumns = () => ({
  n: new Int32Array(batchRows),
  user_idx: new Int32Array(batchRows),
  item_idx: new Int32Array(batchRows),
  last: new Float64Array(batchRows),
  shown: new Int32Array(batchRows),
  impression: new Int32Array(batchRows),
});

/** Takes users in order of their index. */
export const makeShownRows = (): ShownRows => {
  let full: Array<ColumnBatch> = [];
  let columns = makeColumns();
  let rows = 0;

  const flush = (): void => {
    if (rows === 0) return;
    const made = Object.entries(columns).map(([name, column]) => [name, column.subarray(0, rows)] as const);
    full.push({ rows, columns: Object.fromEntries(made) });
    columns = makeColumns();
    rows = 0;
  };

  const row = (n: number, userIdx: number, item: number, last: number, shown: number, impression: number): void => {
    columns.n[rows] = n;
    columns.user_idx[rows] = userIdx;
    columns.item_idx[rows] = item;
    columns.last[rows] = last;
    columns.shown[rows] = shown;
    columns.impression[rows] = impression;
    rows++;
  };

  return {
    add: (userIdx, { ids, items }) => {
      if (rows + most > batchRows) flush();
      for (let at = 0; at < items.length; at += shownSize) {
        row(at / shownSize, userIdx, items[at], items[at + 1], items[at + 2], 0);
      }
      for (let i = 0; i < ids.length; i++) row(items.length / shownSize + i, userIdx, -1, 0, 0, ids[i]);
    },
    take: (isEnd) => {
      if (isEnd) flush();
      const taken = full;
      full = [];
      return taken;
    },
  };
};

/** What a user was shown, put together of the rows of user_shown, in their order. */
export interface ShownPast {
  readonly item: (itemIdx: number, last: number, shown: number) => void;
  readonly impression: (id: number) => void;
  /** All of it; nothing is left. */
  readonly take: () => ShownItems;
}

export const makeShownPast = (): ShownPast => {
  let items: Array<number> = [];
  let ids: Array<number> = [];
  return {
    item: (itemIdx, last, shown) => {
      items.push(itemIdx, last, shown);
    },
    impression: (id) => {
      ids.push(id);
    },
    take: () => {
      const taken = { items: Uint32Array.from(items), ids: Uint32Array.from(ids) };
      items = [];
      ids = [];
      return taken;
    },
  };
};
