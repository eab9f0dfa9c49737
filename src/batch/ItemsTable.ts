/** ItemsTable: the catalogue's items as a table, as they are when a batch reads them: what models and reports are made by. */
import { Effect, Stream } from "effect";
import { idsInTurn } from "../datasets/StoredIds.ts";
import { type AttributeValue, attributePrefix, fieldsOf } from "../domain/ItemRecord.ts";
import { itemMap, shopItems } from "../domain/TableSchemas.ts";
import { Catalogue, type CatalogueError, type StoredItem } from "../ports/Catalogue.ts";
import { type TableError, Tables } from "../ports/Tables.ts";

const atOnce = 5_000;

const textOf = (value: AttributeValue | undefined): string | null => (typeof value === "string" ? value : null);

/** What a row holds beside index and id; `unsaid`: whether an item of which nothing was said is available. */
const rowOf = (item: StoredItem | undefined, unsaid: boolean | null) => {
  const record = item?.record;
  const nothing = { title: null, available: unsaid, valid_from: null, valid_until: null, attributes: null };
  if (record === undefined) return nothing;
  if (record.removed) return { ...nothing, available: false };
  const fields = fieldsOf(record);
  const attributes = Object.entries(fields)
    .filter(([name]) => name.startsWith(attributePrefix))
    .map(([name, value]) => [name.slice(attributePrefix.length), value] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    title: textOf(fields.title),
    available: fields.available !== false,
    valid_from: textOf(fields.valid_from),
    valid_until: textOf(fields.valid_until),
    attributes: attributes.length === 0 ? null : JSON.stringify(Object.fromEntries(attributes)),
  };
};

/** Writes the items of a version of item_map, of `size` rows; answers the table's version. `hasFile`: an items file was given. */
export const writeItems = (
  map: number,
  size: number,
  hasFile: boolean,
): Effect.Effect<number, CatalogueError | TableError, Catalogue | Tables> =>
  Effect.gen(function* () {
    const catalogue = yield* Catalogue;
    const tables = yield* Tables;
    const take = yield* idsInTurn(itemMap, map);
    const batches = Stream.range(0, Math.ceil(size / atOnce) - 1, 1).pipe(
      Stream.mapEffect((part) =>
        Effect.gen(function* () {
          const first = part * atOnce;
          const ids = yield* take(first, Math.min(size, first + atOnce));
          const found = yield* catalogue.find(ids);
          const rows = ids.map((_, i) => rowOf(found[i], hasFile ? false : null));
          return {
            rows: ids.length,
            columns: {
              item_idx: Int32Array.from(ids, (_, i) => first + i),
              item_id: ids,
              title: rows.map(({ title }) => title),
              available: rows.map(({ available }) => available),
              valid_from: rows.map(({ valid_from }) => valid_from),
              valid_until: rows.map(({ valid_until }) => valid_until),
              attributes: rows.map(({ attributes }) => attributes),
            },
          };
        }),
      ),
    );
    return yield* tables.overwrite(shopItems.name, shopItems.schema, batches);
  }).pipe(Effect.scoped);
