/** Looks: how an item is drawn, by what its attributes say: shape, colour, pattern, or a picture of its own. */
import type { Recommendation } from "../../serving/recommend/Answer.ts";
import { colourOf, hueOf } from "./Colour.ts";
import { type ShapeName, shapeNameOf } from "./Shapes.ts";

export type Pattern = "solid" | "stripe" | "check" | "dot" | "mix" | "print" | "denim";

export interface Looks {
  readonly id: string;
  readonly title: string;
  readonly type: string;
  readonly group: string;
  readonly colourName: string;
  /** A colour of CSS. */
  readonly colour: string;
  readonly pattern: Pattern;
  readonly shape: ShapeName;
  /** An address on this host, or data; others are not loaded. */
  readonly image: string | undefined;
}

export type Attributes = Readonly<Record<string, unknown>>;

/** What the catalogue says of an item; as much of it as is drawn. */
export interface Described {
  readonly item_id: string;
  readonly title: string | null;
  readonly attributes: Attributes;
}

/** The first of these names that has a text. */
const textOf = (attributes: Attributes, ...names: ReadonlyArray<string>): string => {
  for (const name of names) {
    const value = attributes[name];
    if (typeof value === "string" && value !== "") return value;
  }
  return "";
};

const patterns: ReadonlyArray<readonly [RegExp, Pattern]> = [
  [/stripe/, "stripe"],
  [/check|plaid|tartan/, "check"],
  [/dot|polka/, "dot"],
  [/denim/, "denim"],
  [/melange|mixed|marl|glitter|metallic|structure/, "mix"],
  [/print|pattern|lace|jacquard|embroider|floral|blocking/, "print"],
];

export const patternOf = (text: string): Pattern =>
  patterns.find(([words]) => words.test(text.toLowerCase()))?.[1] ?? "solid";

/** Browsers read a backslash as a slash, and pass over tabs and line ends. */
const own = /^(?:\/(?![\\/])|data:image\/)[^\t\n\r]*$/;

/** The picture's address where it is of `origin`, the page's own; of other hosts the page loads nothing. */
export const imageOf = (text: string, origin: string | undefined): string | undefined => {
  if (own.test(text)) return text;
  const url = /^https?:/i.test(text) ? URL.parse(text) : null;
  return url !== null && url.origin === origin ? `${url.pathname}${url.search}` : undefined;
};

/** Also of an item of which little is known: it has a colour by its type, always the same. */
export const looksOf = ({ attributes, item_id, title }: Described): Looks => {
  const type = textOf(
    attributes,
    "product_type_name",
    "product_type",
    "type",
    "category",
    "genre",
    "genres",
  ).replaceAll("|", ", ");
  const group = textOf(attributes, "index_group_name", "department_name", "department", "product_group_name", "brand");
  const named = textOf(attributes, "colour_group_name", "colour", "color", "perceived_colour_master_name");
  const image = textOf(attributes, "image", "image_url");
  const colour = colourOf(named) ?? `oklch(0.68 0.09 ${hueOf(`${type} ${group}`).toFixed(0)})`;
  return {
    id: item_id,
    title: title ?? (textOf(attributes, "prod_name", "title", "name") || item_id),
    type,
    group,
    colourName: named,
    colour,
    pattern: patternOf(textOf(attributes, "graphical_appearance_name", "pattern")),
    shape: shapeNameOf(type),
    image: imageOf(image, globalThis.location?.origin),
  };
};

/** By what an answer alone says, until the catalogue is asked. */
export const sketchOf = ({ item_idx, metadata }: Pick<Recommendation, "item_idx" | "metadata">): Looks =>
  looksOf({
    item_id: metadata?.item_id ?? String(item_idx),
    title: metadata?.prod_name || null,
    attributes: { ...metadata },
  });
