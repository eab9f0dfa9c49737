/** Which answers are packed, and for whom. */
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { packedAnswer, takesPacked } from "../../src/http/Packed.ts";

const long = Buffer.from(JSON.stringify(Array.from({ length: 20_000 }, (_, n) => n)));

const sent = (body: Buffer, accepted: string | undefined) =>
  Effect.map(packedAnswer(body, accepted), ({ body, headers }) => {
    if (body._tag !== "Uint8Array") return expect.fail(body._tag);
    return { bytes: body.body, encoding: headers["content-encoding"], length: body.contentLength, vary: headers.vary };
  });

describe("a long answer", () => {
  it.each([
    ["gzip", true],
    ["deflate, gzip;q=0.5, br", true],
    ["gzip;q=0", false],
    ["gzip; q=0.0, identity", false],
    ["br", false],
    [undefined, false],
  ])("%s: taken by gzip: %s", (accepted, takes) => expect(takesPacked(accepted)).toBe(takes));

  it.effect("is packed for who takes it, says so, and is the same", () =>
    Effect.gen(function* () {
      const { bytes, encoding, length, vary } = yield* sent(long, "gzip, br");
      expect({ encoding, vary }).toEqual({ encoding: "gzip", vary: "accept-encoding" });
      expect(length).toBe(bytes.length);
      expect(bytes.length).toBeLessThan(long.length / 2);
      expect(gunzipSync(bytes).equals(long)).toBe(true);
      expect((yield* sent(long, "gzip")).bytes).toBe(bytes);
    }),
  );

  it.effect("goes as it stands to others, and so does a short one; caches are told that it may be otherwise", () =>
    Effect.gen(function* () {
      const short = Buffer.from("{}");
      for (const [body, accepted] of [
        [long, undefined],
        [long, "gzip;q=0"],
        [short, "gzip"],
      ] as const) {
        const { bytes, encoding, vary } = yield* sent(body, accepted);
        expect({ encoding, vary }).toEqual({ encoding: undefined, vary: "accept-encoding" });
        expect(bytes).toBe(body);
      }
    }),
  );
});
