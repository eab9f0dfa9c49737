import { describe, expect, it } from "@effect/vitest";
import { Effect, Either } from "effect";
import * as fc from "fast-check";
import { parseInTurns } from "../../src/http/LongJson.ts";
import { countingTurns } from "../support/Turns.ts";

const ofPlatform = (text: string) => Either.try((): unknown => JSON.parse(text));
const read = (text: string, least: number) => Effect.runPromise(Effect.either(parseInTurns(text, least)));

const list = fc
  .tuple(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 1, "\t"))
  .map(([value, space]) => JSON.stringify(value, undefined, space));
/** Texts that are hardly JSON, of what JSON is made of. */
const broken = fc
  .array(fc.constantFrom("[", "]", "{", "}", ",", '"', "\\", '"a"', ":", "1", " ", "\n", "null", '{"a":1}', "\u00a0"))
  .map((parts) => `[${parts.join("")}`);
/** A list from which something was cut, or into which something was put. */
const hurt = fc
  .tuple(list, fc.nat(), fc.nat(2), fc.constantFrom("", ",", "]", "}", '"'))
  .map(([text, at, less, more]) => {
    const from = at % (text.length + 1);
    return text.slice(0, from) + more + text.slice(from + less);
  });

describe("parseInTurns", () => {
  it("reads what the platform reads, and refuses what it refuses, however short its pieces are", () =>
    fc.assert(
      fc.asyncProperty(fc.oneof(list, broken, hurt), fc.integer({ min: 1, max: 20 }), async (text, least) => {
        const wanted = ofPlatform(text);
        const found = await read(text, least);
        expect(Either.isRight(found), text).toBe(Either.isRight(wanted));
        if (Either.isRight(wanted)) expect(found).toEqual(wanted);
      }),
      { numRuns: 3_000 },
    ));

  it("says where a long list is wrong", async () => {
    const why = async (text: string) => Either.getOrThrow(Either.flip(await read(text, 50)));
    const positionIn = (said: string) => /position (\d+)/.exec(said)?.[1];
    const twice = `[${"1,".repeat(100)}1 1]`;
    const platform = Either.getOrThrow(Either.flip(Either.mapLeft(ofPlatform(twice), String)));
    expect(positionIn(await why(twice))).toBe(positionIn(platform));
    expect(positionIn(await why(`[${"1,".repeat(100)}1]]`))).toBe("203");
    expect(await why(`[${"1,".repeat(100)}x]`)).toMatch(/x/);
  });

  it.live("lets all else have its turn between the pieces of a long list", () =>
    Effect.gen(function* () {
      const text = JSON.stringify(Array.from({ length: 20_000 }, (_, i) => ({ user_id: `u${i}`, note: '[{\\",' })));
      const { turns, value } = yield* countingTurns(parseInTurns(text));
      expect(value).toEqual(JSON.parse(text));
      expect(turns).toBeGreaterThanOrEqual(Math.floor(text.length / 100_000));
    }),
  );
});
