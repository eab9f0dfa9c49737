/**
 * Token: how far which log must be applied for an answer to know of certain events; the opaque word that POST /events
 * gives and GET /recommend?after= takes. Base64url of the log's identity, `@`, and `partition:offset` pairs, one per
 * partition, by partition. A token of version 0.1 has the pairs alone: it is of no log.
 */
import { Either, Encoding, ParseResult, Schema } from "effect";
import type { Position } from "../ports/EventLog.ts";

export interface LogPositions {
  /** The log's identity; empty in a token of version 0.1. */
  readonly log: string;
  readonly positions: ReadonlyArray<Position>;
}

const form = /^(?:([\w./-]{1,300})@)?(\d{1,4}:\d{1,19}(?:,\d{1,4}:\d{1,19})*)$/;

/** Of several positions in one partition the furthest counts. */
export const encodeToken = ({ log, positions }: LogPositions): string => {
  const furthest = new Map<number, bigint>();
  for (const { partition, offset } of positions) {
    const known = furthest.get(partition);
    if (known === undefined || offset > known) furthest.set(partition, offset);
  }
  const ordered = [...furthest].sort(([a], [b]) => a - b);
  const pairs = ordered.map(([partition, offset]) => `${partition}:${offset}`).join(",");
  return Encoding.encodeBase64Url(log === "" ? pairs : `${log}@${pairs}`);
};

/** The positions, by partition; undefined for anything that `encodeToken` does not write. */
export const decodeToken = (token: string): LogPositions | undefined => {
  const text = Either.getOrUndefined(Encoding.decodeBase64UrlString(token));
  const [, log = "", pairs] = (text === undefined ? null : form.exec(text)) ?? [];
  if (pairs === undefined) return undefined;
  const positions = pairs.split(",").map((pair) => {
    const colon = pair.indexOf(":");
    return { partition: Number(pair.slice(0, colon)), offset: BigInt(pair.slice(colon + 1)) };
  });
  const found = { log, positions };
  return encodeToken(found) === token ? found : undefined;
};

const Content = Schema.Struct({
  log: Schema.String,
  positions: Schema.Array(Schema.Struct({ partition: Schema.Int, offset: Schema.BigIntFromSelf })),
});

/** The token as a parameter: text outside, positions inside. */
export const Token = Schema.transformOrFail(Schema.String, Content, {
  strict: true,
  decode: (token, _, ast) => {
    const found = decodeToken(token);
    return found === undefined ? ParseResult.fail(new ParseResult.Type(ast, token)) : ParseResult.succeed(found);
  },
  encode: (content) => ParseResult.succeed(encodeToken(content)),
});
