/** Cursor: how far a listing of items has come: an opaque word for the index of the item that is looked at next. */
import { Either, Encoding, ParseResult, Schema } from "effect";

export const encodeCursor = (itemIdx: number): string => Encoding.encodeBase64Url(`item:${itemIdx}`);

/** Undefined for anything that `encodeCursor` does not write. */
export const decodeCursor = (cursor: string): number | undefined => {
  const text = Either.getOrUndefined(Encoding.decodeBase64UrlString(cursor)) ?? "";
  const [, digits] = /^item:(\d{1,10})$/.exec(text) ?? [];
  return digits !== undefined && encodeCursor(Number(digits)) === cursor ? Number(digits) : undefined;
};

/** The cursor as a parameter: text outside, an index inside. */
export const Cursor = Schema.transformOrFail(Schema.String, Schema.Int, {
  strict: true,
  decode: (cursor, _, ast) => {
    const found = decodeCursor(cursor);
    return found === undefined ? ParseResult.fail(new ParseResult.Type(ast, cursor)) : ParseResult.succeed(found);
  },
  encode: (itemIdx) => ParseResult.succeed(encodeCursor(itemIdx)),
});
