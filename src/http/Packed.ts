/** Packed: long answers by gzip, for callers who take it: packed beside the server's own thread, once for each answer that is kept. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { HttpServerResponse } from "@effect/platform";
import { Effect } from "effect";

/** Bytes; what is shorter is as soon sent as packed. */
const worthIt = 16_384;

const packing = promisify(gzip);

const packs = /(?:^|[\s,])gzip(?!\s*;\s*q=0(?:\.0*)?(?:$|[\s,]))/i;

/** Whether a caller takes gzip, by the header `accept-encoding`. */
export const takesPacked = (accepted: string | undefined): boolean => packs.test(accepted ?? "");

/** By the bytes that they are of, for as long as something keeps those; who comes meanwhile waits for the same. */
const packed = new WeakMap<Buffer, Promise<Buffer>>();

const packedOf = (body: Buffer): Promise<Buffer> => {
  const known = packed.get(body);
  if (known !== undefined) return known;
  const made = packing(body);
  packed.set(body, made);
  return made;
};

/** `body` as it stands; it does not change. Sent plain where it cannot be packed. */
export const packedAnswer = (
  body: Buffer,
  accepted: string | undefined,
  contentType = "application/json",
): Effect.Effect<HttpServerResponse.HttpServerResponse> => {
  const plain = HttpServerResponse.uint8Array(body, { contentType, headers: { vary: "accept-encoding" } });
  if (body.length < worthIt || !takesPacked(accepted)) return Effect.succeed(plain);
  return Effect.tryPromise(() => packedOf(body)).pipe(
    Effect.map((bytes) =>
      HttpServerResponse.uint8Array(bytes, {
        contentType,
        headers: { vary: "accept-encoding", "content-encoding": "gzip" },
      }),
    ),
    Effect.orElseSucceed(() => plain),
  );
};
