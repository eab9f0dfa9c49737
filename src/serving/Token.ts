/**
 * Token: how far the log must be applied for an answer to know of certain events; the opaque word that POST /events
 * gives and GET /recommend?after= takes. Base64url of `partition:offset` pairs, one per partition, by partition.
 */
import { Either, Encoding, ParseResult, Schema } from "effect";
import type { Position } from "../ports/EventLog.ts";

const pairs = /^\d{1,4}:\d{1,19}(,\d{1,4}:\d{1,19})*$/;

/** Of several positions in one partition the furthest counts. */
export const encodeToken = (positions: ReadonlyArray<Position>): string => {
  const furthest = new Map<number, bigint>();
  for (const { partition, offset } of positions) {
    const known = furthest.get(partition);
    if (known === undefined || offset > known) furthest.set(partition, offset);
  }
  const ordered = [...furthest].sort(([a], [b]) => a - b);
  return Encoding.encodeBase64Url(ordered.map(([partition, offset]) => `${partition}:${offset}`).join(","));
};

/** The positions, by partition; undefined for anything that `encodeToken` does not write. */
export const decodeToken = (token: string): ReadonlyArray<Position> | undefined => {
  const text = Either.getOrUndefined(Encoding.decodeBase64UrlString(token));
  if (text === undefined || !pairs.test(text)) return undefined;
  const positions = text.split(",").map((pair) => {
    const colon = pair.indexOf(":");
    return { partition: Number(pair.slice(0, colon)), offset: BigInt(pair.slice(colon + 1)) };
  });
  return encodeToken(positions) === token ? positions : undefined;
};

const PositionSchema = Schema.Struct({ partition: Schema.Int, offset: Schema.BigIntFromSelf });

/** The token as a parameter: text outside, positions inside. */
export const Token = Schema.transformOrFail(Schema.String, Schema.Array(PositionSchema), {
  strict: true,
  decode: (token, _, ast) => {
    const positions = decodeToken(token);
    return positions === undefined
      ? ParseResult.fail(new ParseResult.Type(ast, token))
      : ParseResult.succeed(positions);
  },
  encode: (positions) => ParseResult.succeed(encodeToken(positions)),
});
