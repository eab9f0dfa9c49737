/** Edit: an item's attributes as texts in a form, and the merge patch that makes of the item what the form says. */
import type { Item } from "../../serving/items/ItemSchema.ts";

type Value = string | number | boolean | ReadonlyArray<string>;
export type Kind = "text" | "number" | "boolean" | "list";

export interface Row {
  readonly name: string;
  readonly kind: Kind;
  /** A list has commas between its texts. */
  readonly text: string;
}

const kindOf = (value: Value): Kind =>
  Array.isArray(value) ? "list" : typeof value === "string" ? "text" : typeof value === "number" ? "number" : "boolean";

const textOf = (value: Value): string => (typeof value === "object" ? value.join(", ") : String(value));

export const rowsOf = ({ attributes }: Pick<Item, "attributes">): ReadonlyArray<Row> =>
  Object.entries(attributes).map(([name, value]) => ({ name, kind: kindOf(value), text: textOf(value) }));

/** Undefined where the text is of no such value. */
const valueOf = ({ kind, text }: Row): Value | undefined => {
  if (kind === "text") return text;
  if (kind === "list") {
    return text
      .split(",")
      .map((one) => one.trim())
      .filter((one) => one !== "");
  }
  if (kind === "boolean") return text === "true" ? true : text === "false" ? false : undefined;
  const number = Number(text);
  return text.trim() === "" || !Number.isFinite(number) ? undefined : number;
};

/** What is wrong with the rows; undefined: nothing. */
export const wrongWith = (rows: ReadonlyArray<Row>): string | undefined => {
  const names = rows.map(({ name }) => name.trim());
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (names.includes("")) return "Each attribute needs a name.";
  if (twice !== undefined) return `${twice} is there twice.`;
  const unfit = rows.find((row) => valueOf(row) === undefined);
  return unfit === undefined
    ? undefined
    : `${unfit.name} has to be ${unfit.kind === "number" ? "a number" : "true or false"}.`;
};

/** Of what differs alone: null takes an attribute away. */
export const patchOf = (before: Pick<Item, "attributes">, rows: ReadonlyArray<Row>): Record<string, Value | null> => {
  const patch: Record<string, Value | null> = {};
  const kept = new Set(rows.map(({ name }) => name.trim()));
  for (const name of Object.keys(before.attributes)) if (!kept.has(name)) patch[name] = null;
  for (const row of rows) {
    const value = valueOf(row);
    const name = row.name.trim();
    if (value !== undefined && JSON.stringify(before.attributes[name]) !== JSON.stringify(value)) patch[name] = value;
  }
  return patch;
};
