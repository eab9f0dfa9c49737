/**
 * RecordCodec: an item's record as compact JSON, `{"at":…,"fields":{…}}`, with `removed` and `patches` where there is something
 * to tell. Checked by hand, since a million of them are read at a start.
 */
import type { AttributeValue, ItemRecord } from "./ItemRecord.ts";

export const encodeRecord = ({ at, fields, patches, removed }: ItemRecord): string => {
  for (const _ in patches) return JSON.stringify({ at, ...(removed ? { removed } : {}), fields, patches });
  return JSON.stringify(removed ? { at, removed, fields } : { at, fields });
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isTime = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

const isValue = (value: unknown): value is AttributeValue =>
  typeof value === "string" ||
  typeof value === "number" ||
  typeof value === "boolean" ||
  (Array.isArray(value) && value.every((one) => typeof one === "string"));

const nothing = {};

/** Undefined: it is no record. A number that JSON has no word for was written as null, and is no value. */
export const decodeRecord = (text: string): ItemRecord | undefined => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(parsed)) return undefined;
  const { at, fields, patches = nothing, removed = false } = parsed;
  if (!isTime(at) || !isObject(fields) || !isObject(patches) || typeof removed !== "boolean") return undefined;
  for (const name in fields) {
    if (fields[name] === null) delete fields[name];
    else if (!isValue(fields[name])) return undefined;
  }
  for (const name in patches) {
    const patch = patches[name];
    if (!isObject(patch) || !isTime(patch.at) || (patch.value !== null && !isValue(patch.value))) return undefined;
  }
  return { at, removed, fields: fields as ItemRecord["fields"], patches: patches as ItemRecord["patches"] };
};
