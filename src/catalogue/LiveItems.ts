/**
 * LiveItems: all items of the shop in memory: attributes in columns, ids, and which are for sale. Plain and without effects; see
 * `LiveCatalogue` for who keeps it current.
 */
import { type ItemPage, idAt, recordAt, type StoredItem } from "../domain/ItemPage.ts";
import { type AttributeValue, type Fields, fieldsOf, newestOf } from "../domain/ItemRecord.ts";
import { attributeOf, type Columns, makeColumns } from "./Columns.ts";
import { makeMoments } from "./Moments.ts";
import { makeScan } from "./Scan.ts";

/** An item as the shop describes it now. */
export interface LiveItem {
  readonly itemId: string;
  readonly itemIdx: number;
  readonly title: string | undefined;
  /** True unless the shop said otherwise. */
  readonly available: boolean;
  /** As the shop wrote it. */
  readonly validFrom: string | undefined;
  readonly validUntil: string | undefined;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Of the newest word about it, unix milliseconds. */
  readonly changedAt: number;
}

/** `now`: unix milliseconds. */
export type Listener = (itemIdxs: ReadonlyArray<number>, now: number) => void;

export interface LiveItems {
  readonly columns: Columns;
  /** Undefined: no item has the index, or it is not known of here yet. */
  readonly idOf: (itemIdx: number) => string | undefined;
  /** Undefined: nothing has the id. */
  readonly idxOf: (itemId: string) => number | undefined;
  /** Whether it may be shown at `now` (unix milliseconds); undefined where nothing was said of it: then what a model knows decides. */
  readonly isOpen: (itemIdx: number, now: number) => boolean | undefined;
  /** Whether anything was: that it was taken away, if nothing else. */
  readonly isSaid: (itemIdx: number) => boolean;
  /** Undefined where nothing was said of it, or where it was taken away. */
  readonly itemOf: (itemIdx: number) => LiveItem | undefined;
  /** Its title and attributes, as its record has them; undefined as with `itemOf`. */
  readonly fieldsOf: (itemIdx: number) => Fields | undefined;
  /** When the oldest word about all of the item came that this process knows of, unix milliseconds; 0 where there is none. */
  readonly listedAt: (itemIdx: number) => number;
  /** Calls what listens to it whenever `isOpen`, or something about them, has changed; answers how to stop that. */
  readonly onChange: (listener: Listener) => () => void;
  /** Tells the listeners of items whose validity began or ended until `now`; to be asked before a request is answered. */
  readonly advance: (now: number) => void;
}

export interface WritableItems extends LiveItems {
  /** Takes in what is newer than what is known, in any order. */
  readonly take: (items: ReadonlyArray<StoredItem>, now: number) => void;
  /** As `take`, of items as they are stored; answers the id of the first that cannot be decoded, before which it stops. */
  readonly takePage: (page: ItemPage, now: number) => string | undefined;
  /** What is taken from now on counts, whatever its number; what was known stands until `forget`. */
  readonly doubt: () => void;
  /** Forgets what was not taken anew since `doubt`. */
  readonly forget: (now: number) => void;
}

/** What was said of an item. */
const nothing = 0;
const known = 1;
const removed = 2;

const smallest = 1024;

const reaching = <A extends Float64Array | Uint8Array | Uint32Array>(array: A, length: number): A => {
  if (length <= array.length) return array;
  const grown = new (array.constructor as new (length: number) => A)(Math.max(length, 2 * array.length));
  grown.set(array);
  return grown;
};

const orNone = (time: number | undefined, none: number): number =>
  time === undefined || Number.isNaN(time) ? none : time;

const textOf = (value: AttributeValue | undefined): string | undefined =>
  typeof value === "string" ? value : undefined;

export const makeLiveItems = (): WritableItems => {
  const columns = makeColumns();
  const scan = makeScan();
  const listeners = new Set<Listener>();
  let moments = makeMoments();
  // By item index; numbers are those of `StoredItem`, and 0 where none is known.
  let said = new Uint8Array(smallest);
  let withheld = new Uint8Array(smallest);
  let from = new Float64Array(smallest);
  let until = new Float64Array(smallest);
  let changedAt = new Float64Array(smallest);
  let listedAt = new Float64Array(smallest);
  let numbers = new Float64Array(smallest);
  /** By code of the column of ids. */
  let itemOfCode = new Uint32Array(smallest);

  const reach = (itemIdx: number): void => {
    if (itemIdx < numbers.length) return;
    said = reaching(said, itemIdx + 1);
    withheld = reaching(withheld, itemIdx + 1);
    from = reaching(from, itemIdx + 1);
    until = reaching(until, itemIdx + 1);
    changedAt = reaching(changedAt, itemIdx + 1);
    listedAt = reaching(listedAt, itemIdx + 1);
    numbers = reaching(numbers, itemIdx + 1);
  };

  const isNewer = (itemIdx: number, number: number): boolean => {
    reach(itemIdx);
    return number > numbers[itemIdx]!;
  };

  const addMoments = (itemIdx: number, now: number): void => {
    for (const at of [from[itemIdx]!, until[itemIdx]!]) {
      if (at > now && at < Number.POSITIVE_INFINITY) moments.add(at, itemIdx);
    }
  };

  /** Moments that words of later took back stay until there are more of all than there can be right ones. */
  const tidy = (now: number): void => {
    if (moments.size() <= 2 * columns.size + smallest) return;
    moments = makeMoments();
    for (let itemIdx = 0; itemIdx < columns.size; itemIdx++) if (said[itemIdx] === known) addMoments(itemIdx, now);
  };

  /** What else follows from the item's fields, which stand in their columns. `at`: of the word about all; `newest`: of the newest. */
  const settle = (itemIdx: number, number: number, what: number, at: number, newest: number, now: number): void => {
    const code = columns.text("item_id")?.codes[itemIdx] ?? 0;
    itemOfCode = reaching(itemOfCode, code + 1);
    itemOfCode[code] = itemIdx;
    numbers[itemIdx] = number;
    if (what === known && columns.valueOf("available", itemIdx) === undefined) columns.add(itemIdx, "available", true);
    withheld[itemIdx] = what === known && columns.booleans("available")?.[itemIdx] === 1 ? 1 : 0;
    from[itemIdx] = orNone(columns.times("valid_from")?.[itemIdx], Number.NEGATIVE_INFINITY);
    until[itemIdx] = orNone(columns.times("valid_until")?.[itemIdx], Number.POSITIVE_INFINITY);
    changedAt[itemIdx] = newest;
    const isAnew = said[itemIdx] !== known || listedAt[itemIdx] === 0;
    if (isAnew || at < listedAt[itemIdx]!) listedAt[itemIdx] = at;
    said[itemIdx] = what;
    addMoments(itemIdx, now);
  };

  const takeOne = ({ itemId, itemIdx, number, record }: StoredItem, now: number): void => {
    const fields = record === undefined || record.removed ? undefined : fieldsOf(record);
    columns.put(itemIdx, fields ?? {});
    columns.add(itemIdx, "item_id", itemId);
    const what = record === undefined ? nothing : record.removed ? removed : known;
    settle(itemIdx, number, what, record?.at ?? 0, record === undefined ? 0 : newestOf(record), now);
  };

  /** False: it cannot be decoded, and nothing was taken. */
  const takeStored = (page: ItemPage, i: number, now: number): boolean => {
    const { bytes } = page;
    const [start, idEnd, end, itemIdx] = [page.starts[i]!, page.idEnds[i]!, page.ends[i]!, page.itemIdxs[i]!];
    const count = idEnd < end ? scan.read(bytes, idEnd, end) : -1;
    if (count >= 0) {
      columns.putScanned(itemIdx, scan, bytes, count);
      columns.addUtf8(itemIdx, "item_id", bytes, start, idEnd);
      settle(itemIdx, page.numbers[i]!, known, scan.at(), scan.at(), now);
      return true;
    }
    const record = idEnd < end ? recordAt(page, i) : undefined;
    if (record === undefined && idEnd < end) return false;
    takeOne({ itemId: idAt(page, i), itemIdx, number: page.numbers[i]!, record }, now);
    return true;
  };

  const tell = (itemIdxs: ReadonlyArray<number>, now: number): void => {
    if (itemIdxs.length > 0) for (const listener of listeners) listener(itemIdxs, now);
  };

  return {
    columns,
    idOf: (itemIdx) => textOf(columns.valueOf("item_id", itemIdx)),
    idxOf: (itemId) => {
      const code = columns.text("item_id")?.codeOf(itemId);
      return code === undefined ? undefined : itemOfCode[code];
    },
    isOpen: (itemIdx, now) => {
      const what = said[itemIdx] ?? nothing;
      if (what !== known) return what === nothing ? undefined : false;
      return withheld[itemIdx] === 0 && from[itemIdx]! <= now && now < until[itemIdx]!;
    },
    isSaid: (itemIdx) => (said[itemIdx] ?? nothing) !== nothing,
    itemOf: (itemIdx) => {
      if (said[itemIdx] !== known) return undefined;
      const { available, item_id, title, valid_from, valid_until, ...others } = columns.valuesOf(itemIdx);
      return {
        itemId: textOf(item_id) ?? "",
        itemIdx,
        title: textOf(title),
        available: available === true,
        validFrom: textOf(valid_from),
        validUntil: textOf(valid_until),
        attributes: Object.fromEntries(Object.entries(others).map(([column, value]) => [attributeOf(column), value])),
        changedAt: changedAt[itemIdx]!,
      };
    },
    fieldsOf: (itemIdx) => (said[itemIdx] === known ? columns.fieldsOf(itemIdx) : undefined),
    listedAt: (itemIdx) => listedAt[itemIdx] ?? 0,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    advance: (now) => tell(moments.until(now), now),
    doubt: () => void numbers.fill(0),
    forget: (now) => {
      const gone: Array<number> = [];
      for (let itemIdx = 0; itemIdx < columns.size; itemIdx++) {
        if (numbers[itemIdx] !== 0 || columns.valueOf("item_id", itemIdx) === undefined) continue;
        columns.put(itemIdx, {});
        said[itemIdx] = nothing;
        changedAt[itemIdx] = 0;
        listedAt[itemIdx] = 0;
        gone.push(itemIdx);
      }
      tell(gone, now);
    },
    take: (items, now) => {
      const newer = items.filter(({ itemIdx, number }) => isNewer(itemIdx, number));
      for (const item of newer) takeOne(item, now);
      tidy(now);
      tell(
        newer.map(({ itemIdx }) => itemIdx),
        now,
      );
    },
    takePage: (page, now) => {
      const newer: Array<number> = [];
      let wrong: string | undefined;
      for (let i = 0; i < page.length && wrong === undefined; i++) {
        const itemIdx = page.itemIdxs[i]!;
        if (!isNewer(itemIdx, page.numbers[i]!)) continue;
        if (takeStored(page, i, now)) newer.push(itemIdx);
        else wrong = idAt(page, i);
      }
      tidy(now);
      tell(newer, now);
      return wrong;
    },
  };
};
