/**
 * ItemsFromFile: the shop's items file as words about its items, said when the file was read: the catalogue then holds whichever
 * word is the later, of a file or of a call.
 *
 * Each row says all there is to say of its item; each item that the file lacks, and of which something was said, is not available.
 * What changes nothing is not said, so that the same file again changes nothing. Memory holds a byte per item and a few rows.
 */
import { Effect, Stream } from "effect";
import { type ItemRow, itemRows } from "../datasets/ItemRows.ts";
import { applyChange, type Change, fieldsOf, type ItemRecord, noRecord } from "../domain/ItemRecord.ts";
import { Catalogue, type CatalogueError, type ItemChange } from "../ports/Catalogue.ts";
import type { TableError, Tables } from "../ports/Tables.ts";

/** Items to a transaction of the catalogue. */
const atOnce = 1_000;

export interface Synchronized {
  /** Items that the file said something new of. */
  readonly changed: number;
  /** Items that the file lacks, and that were available. */
  readonly gone: number;
}

/** An item as whoever asks sees it. */
const seen = ({ removed, ...record }: ItemRecord): string => {
  const fields = Object.entries(fieldsOf({ removed, ...record })).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([removed, fields]);
};

const changes = (record: ItemRecord | undefined, change: Change): boolean =>
  record === undefined || seen(applyChange(record, change)) !== seen(record);

/** By item index, growing. */
const makeMarks = () => {
  let marks = new Uint8Array(1024);
  return {
    has: (itemIdx: number): boolean => marks[itemIdx] === 1,
    add: (itemIdx: number): void => {
      if (itemIdx >= marks.length) {
        const grown = new Uint8Array(Math.max(itemIdx + 1, 2 * marks.length));
        grown.set(marks);
        marks = grown;
      }
      marks[itemIdx] = 1;
    },
  };
};

/** The first row of each item. */
const firstOf = (rows: Iterable<ItemRow>): ReadonlyMap<string, ItemRow> => {
  const first = new Map<string, ItemRow>();
  for (const row of rows) if (!first.has(row.itemId)) first.set(row.itemId, row);
  return first;
};

/** `version`: of raw/articles; `at`: when it was written, unix milliseconds. */
export const takeItemsFile = (
  version: number,
  at: number,
): Effect.Effect<Synchronized, CatalogueError | TableError, Catalogue | Tables> =>
  Effect.gen(function* () {
    const catalogue = yield* Catalogue;
    const listed = makeMarks();
    let changed = 0;
    let gone = 0;

    yield* itemRows(version).pipe(
      Stream.mapConcat((rows) => rows),
      Stream.grouped(atOnce),
      Stream.runForEach((rows) =>
        Effect.gen(function* () {
          const first = firstOf(rows);
          const ids = [...first.keys()];
          const found = yield* catalogue.find(ids);
          const words = ids.flatMap((itemId, i): ReadonlyArray<ItemChange> => {
            const known = found[i];
            // Of an earlier row.
            if (known !== undefined && listed.has(known.itemIdx)) return [];
            if (known !== undefined) listed.add(known.itemIdx);
            const fields = { available: true, ...first.get(itemId)?.fields() };
            const change = { kind: "replace", at, fields } as const;
            return changes(known?.record, change) ? [{ itemId, ...change }] : [];
          });
          changed += words.length;
          for (const item of yield* catalogue.change(words)) if (item !== undefined) listed.add(item.itemIdx);
        }),
      ),
    );

    let next = 0;
    yield* Stream.runForEach(catalogue.ids(0), (page) =>
      Effect.gen(function* () {
        const missing = page.filter((_, i) => !listed.has(next + i));
        next += page.length;
        for (let from = 0; from < missing.length; from += atOnce) {
          const ids = missing.slice(from, from + atOnce);
          const change = { kind: "patch", at, fields: { available: false } } as const;
          const words = (yield* catalogue.find(ids)).flatMap((item): ReadonlyArray<ItemChange> => {
            const { itemId, record = noRecord } = item ?? {};
            // Of what nothing was said of the model's own word counts.
            if (itemId === undefined || record === noRecord || record.removed) return [];
            return changes(record, change) ? [{ itemId, ...change }] : [];
          });
          gone += words.length;
          yield* catalogue.change(words);
        }
      }),
    );
    return { changed, gone };
  });

/** Gives the items of a table of ids alone, as version 0.1.0 made, their indices in its order. */
export const allotRows = (version: number): Effect.Effect<void, CatalogueError | TableError, Catalogue | Tables> =>
  Effect.flatMap(Catalogue, (catalogue) =>
    itemRows(version).pipe(
      Stream.mapConcat((rows) => rows),
      Stream.grouped(atOnce),
      Stream.runForEach((rows) => catalogue.allot([...firstOf(rows).keys()])),
    ),
  );
