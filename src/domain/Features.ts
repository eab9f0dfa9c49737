/**
 * Features: what of an item's fields tells it from others, as words that a map from attributes to factors is learnt by.
 *
 * `NAME=value` for a text, for each text of a list and for a boolean; `~word` for each of the title's first words, in lower case.
 * Numbers and times have none: of prices and the like no two are the same. Nor have texts longer than `longest`, which are prose.
 */
import { type AttributeValue, attributePrefix, type Fields } from "./ItemRecord.ts";
import { kindOf } from "./Where.ts";

/** Words of a title that are looked at, the first. */
const mostWords = 24;
/** UTF-16 code units of a value. */
const longest = 100;

const wordPattern = /[\p{L}\p{N}]+/gu;

const valuesOf = (value: AttributeValue): ReadonlyArray<string> => {
  const kind = kindOf(value);
  if (kind === "list") return value as ReadonlyArray<string>;
  return kind === "text" || kind === "boolean" ? [String(value)] : [];
};

const wordsOf = (title: AttributeValue | undefined): ReadonlyArray<string> =>
  typeof title === "string" ? (title.toLowerCase().match(wordPattern) ?? []).slice(0, mostWords) : [];

/** Each once. */
export const featuresOf = (fields: Fields): ReadonlyArray<string> => {
  const features = new Set<string>();
  for (const name in fields) {
    if (!name.startsWith(attributePrefix)) continue;
    for (const text of valuesOf(fields[name]!)) {
      if (text !== "" && text.length <= longest) features.add(`${name.slice(attributePrefix.length)}=${text}`);
    }
  }
  for (const word of wordsOf(fields.title)) features.add(`~${word}`);
  return [...features];
};
