/**
 * Page: how far a list was given, as an opaque word that the answer gives and the next request takes. It holds the items given so
 * far and which list they are of, so that the next page repeats none of them, whatever was learnt, sold out or put up since,
 * and whichever process answers by whichever model. Nothing is stored.
 *
 * Base64url of: a byte of version, the list (32 bits, little-endian), the indices as `ItemSet` writes them.
 */
import { Either, ParseResult, Schema } from "effect";
import { decodeItemSet, encodeItemSet, type ItemSet, noItems } from "../../domain/ItemSet.ts";
import { hashText } from "../../kernels/Random.ts";
import { InvalidInput } from "../Errors.ts";
import { shown } from "../FieldError.ts";
import type { Page, RecommendQuery } from "./Query.ts";

/** A list ends behind so many items: a cursor is in a URL. */
export const mostPaged = 1_000;
/** Of a word, in characters, however large the catalogue is. */
export const longestPage = 8_000;

const version = 1;
const head = 5;

export const encodePage = ({ given, list }: Page): string => {
  const items = encodeItemSet(given);
  const bytes = Buffer.allocUnsafe(head + items.length);
  bytes[0] = version;
  bytes.writeUInt32LE(list, 1);
  bytes.set(items, head);
  return bytes.toString("base64url");
};

/** Undefined for anything that `encodePage` does not write. */
export const decodePage = (text: string): Page | undefined => {
  if (text.length > longestPage) return undefined;
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length < head || bytes[0] !== version) return undefined;
  const given = decodeItemSet(bytes.subarray(head));
  if (given === undefined || given.length >= mostPaged) return undefined;
  const page = { list: bytes.readUInt32LE(1), given };
  return encodePage(page) === text ? page : undefined;
};

const Content = Schema.Struct({ list: Schema.Int, given: Schema.declare((given) => given instanceof Uint32Array) });

/** The word as a parameter: text outside, a page inside. */
export const PageWord = Schema.transformOrFail(Schema.String, Content, {
  strict: true,
  decode: (text, _, ast) => {
    const page = decodePage(text);
    return page === undefined ? ParseResult.fail(new ParseResult.Type(ast, text)) : ParseResult.succeed(page);
  },
  encode: (page) => ParseResult.succeed(encodePage(page)),
});

/** What most ask for, beside who they are: made once, for it is told with every answer. */
const asUsual = JSON.stringify([null, [[], []], [], [], [], "bought", null, null, null, null]).replace("[", ",");

/**
 * Which list a query asks for: equal for those of which one may go on with the other's pages: who asks, and what decides which
 * items are in it and in which order. How many are asked for, what is told of them and what a visitor has done meanwhile may change.
 */
export const listOf = (query: RecommendQuery): number => {
  const { excludeGroups, excludeIds, excludeTypes, productGroup = [], productType = [] } = query;
  const { diversity, filter, minScore, rotation, seen = "bought", user, variants } = query;
  const who = JSON.stringify(user);
  if (
    productGroup.length + productType.length + excludeGroups.length + excludeIds.length + excludeTypes.length === 0 &&
    seen === "bought" &&
    [diversity, filter, minScore, rotation, variants].every((asked) => asked === undefined)
  )
    return hashText(`[${who}${asUsual}`);
  const named = [productGroup, productType].map((names) => [names].flat());
  return hashText(
    JSON.stringify([
      ...[user, filter, named, excludeIds, excludeGroups, excludeTypes],
      ...[seen, diversity, variants, minScore, rotation],
    ]),
  );
};

/** The items given so far; fails where they are of another list. */
export const givenBy = (query: RecommendQuery): Either.Either<ItemSet, InvalidInput> => {
  const { page } = query;
  if (page === undefined) return Either.right(noItems);
  if (page.list === listOf(query)) return Either.right(page.given);
  const detail =
    "is of another list: ask with the same user, filters, seen, min_score, rotation, variants and diversity_lambda, or leave page out to begin anew";
  const errors = [{ field: "page", value: shown(encodePage(page)), detail }];
  return Either.left(new InvalidInput({ message: `page ${detail}.`, errors }));
};

/** The word for what comes behind `given` and `items`; null where nothing does. */
export const nextPage = (
  query: RecommendQuery,
  given: ItemSet,
  items: ReadonlyArray<{ readonly item_idx: number }>,
  isMore: boolean,
): string | null => {
  if (!isMore || given.length + items.length >= mostPaged) return null;
  const all = new Uint32Array(given.length + items.length);
  all.set(given);
  for (let i = 0; i < items.length; i++) all[given.length + i] = items[i].item_idx;
  return encodePage({ list: listOf(query), given: all.sort() });
};
