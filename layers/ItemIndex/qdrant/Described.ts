/**
 * Described: what the shop says of an item now, as part of its point's payload, for Qdrant to filter by.
 *
 * All of it is under `item`, which is replaced as a whole: `has` lists `KIND:NAME` of each attribute that the item has (`true:NAME` or
 * `false:NAME` of those that are so), and the values are in `text.NAME`, `number.NAME`, `time.NAME` and `list.NAME`. An item that was
 * taken away has `removed` alone. A point without `item` was never described: of its item nothing was said, or it was loaded by an
 * earlier version.
 */
import type { Schemas } from "@qdrant/js-client-rest";
import { type AttributeValue, fieldsOf } from "../../../src/domain/ItemRecord.ts";
import { instantOf, kindOf, nameOfField, ownTexts, type ValueKind } from "../../../src/domain/Where.ts";
import type { StoredItem } from "../../../src/ports/Catalogue.ts";

export const hasKey = "item.has";
export const removed = "removed";

/** As `has` tells them apart. */
export const kinds = ["text", "number", "true", "false", "time", "list"] as const;

/** A path of Qdrant's parts at dots, and has letters, digits, `_` and `-` only: `-` and other characters are written as `-HEX-`. */
const plain = (name: string): string =>
  Array.from(name, (c) => (/[A-Za-z0-9_]/.test(c) ? c : `-${c.codePointAt(0)!.toString(16)}-`)).join("");

/** Where the values of a kind are. */
export const placeOf = (kind: ValueKind, attribute: string): string => `item.${kind}.${plain(attribute)}`;

type Payload = Record<string, unknown>;

/** An item's values by the names that conditions know. */
const valuesOf = ({ itemId, record }: StoredItem): ReadonlyArray<readonly [string, ValueKind, AttributeValue]> => {
  const fields = record === undefined ? {} : { ...fieldsOf(record), available: fieldsOf(record).available !== false };
  return Object.entries({ ...fields, item_id: itemId }).map(([field, value]) => [
    nameOfField(field),
    ownTexts.has(field) ? "text" : kindOf(value),
    value,
  ]);
};

/** What a point's payload is to hold beside what the model says. */
export const payloadOf = (item: StoredItem): Payload => {
  if (item.record?.removed === true) return { item: { has: [removed] } };
  const has: Array<string> = [];
  const values: Record<string, Payload> = {};
  for (const [name, kind, value] of valuesOf(item)) {
    has.push(`${kind === "boolean" ? String(value) : kind}:${name}`);
    if (kind === "boolean") continue;
    values[kind] ??= {};
    values[kind][plain(name)] = kind === "time" ? new Date(instantOf(String(value)) ?? 0).toISOString() : value;
  }
  return { item: { has, ...values } };
};

const schemaOf = { text: "keyword", number: "float", time: "datetime", list: "keyword" } as const;

/** A payload index. */
export type Indexed = readonly [key: string, schema: NonNullable<Schemas["PayloadSchemaType"]>];

/** Those that any search asks for. */
export const ownIndexes: ReadonlyArray<Indexed> = [
  [hasKey, "keyword"],
  [placeOf("time", "valid_from"), "datetime"],
  [placeOf("time", "valid_until"), "datetime"],
];

/** Those of the attributes that these items have. */
export const indexesOf = (items: ReadonlyArray<StoredItem>): ReadonlyMap<string, Indexed[1]> =>
  new Map(
    items
      .filter(({ record }) => record?.removed !== true)
      .flatMap(valuesOf)
      .flatMap(
        ([name, kind]): ReadonlyArray<Indexed> => (kind === "boolean" ? [] : [[placeOf(kind, name), schemaOf[kind]]]),
      ),
  );
