import { describe, expect, it } from "@effect/vitest";
import { Effect, Fiber, Queue, Stream } from "effect";
import { LiveCatalogue } from "../../../src/catalogue/LiveCatalogue.ts";
import { uploadItems } from "../../../src/serving/items/Upload.ts";
import { countingTurns } from "../../support/Turns.ts";
import { onShelf } from "./Shelf.ts";

const maxBytes = 200;
const bytesOf = (...lines: ReadonlyArray<unknown>) =>
  Buffer.from(lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join(""));
const item = (n: number) => ({ item_id: `i${n}`, attributes: { n } });

describe("Upload", () => {
  it.effect("takes the lines that can be used, and says what is wrong with the others", () =>
    onShelf(({ service }) =>
      Effect.gen(function* () {
        const body = bytesOf(
          item(0),
          "",
          '{"item_id": "i1"',
          { item_id: "i2", available: "no", title: 3 },
          { title: "nameless" },
          { item_id: "i5", title: "x".repeat(maxBytes) },
          "\r",
          { item_id: "108775015" },
          `${JSON.stringify(item(8))}\r`,
        );
        const cut = [
          body.subarray(0, 31),
          body.subarray(31, 90),
          body.subarray(90, body.length - 1),
          Buffer.from([0x80]),
        ];
        const taken = yield* uploadItems(Stream.fromIterable(cut), maxBytes);
        expect(taken).toMatchObject({ accepted: 1, rejected: 6 });
        expect(taken.rejects.map(({ field, line }) => [line, field])).toEqual([
          [3, "line"],
          [4, "available"],
          [4, "title"],
          [5, "item_id"],
          [6, "line"],
          [8, "item_id"],
          [9, "line"],
        ]);
        expect(taken.rejects.map(({ detail }) => detail).join("; ")).toMatch(/not JSON.*MAX_BODY_BYTES.*not UTF-8/);
        expect(yield* service.size).toBe(1);
      }),
    ),
  );

  it.effect("counts all rejects and tells of the first hundred", () =>
    onShelf(() =>
      Effect.gen(function* () {
        const lines = Stream.fromIterable(Array.from({ length: 500 }, () => bytesOf({ title: 1 }, "7")));
        const { accepted, rejected, rejects } = yield* uploadItems(lines, maxBytes);
        expect([accepted, rejected, rejects.length]).toEqual([0, 1000, 100]);
      }),
    ),
  );

  it.live("lets all else have its turn between lines that are wrong", () =>
    onShelf(() =>
      Effect.gen(function* () {
        const { turns, value } = yield* countingTurns(
          uploadItems(Stream.make(Buffer.from("wrong\n".repeat(20 * 256))), maxBytes),
        );
        expect(value.rejected).toBe(20 * 256);
        expect(turns).toBeGreaterThanOrEqual(20);
      }),
    ),
  );

  it.live("applies lines while others are on their way", () =>
    onShelf(() =>
      Effect.gen(function* () {
        const live = yield* LiveCatalogue;
        const chunks = yield* Queue.bounded<Uint8Array>(1);
        const running = yield* Effect.fork(uploadItems(Stream.fromQueue(chunks), maxBytes));
        yield* Queue.offer(chunks, Buffer.concat([bytesOf(item(0)), Buffer.from('{"item_id"')]));
        yield* Effect.repeat(Effect.sleep("5 millis"), { until: () => live.idxOf("i0") !== undefined });
        yield* Queue.offer(chunks, Buffer.from(': "i1"}\n'));
        yield* Effect.repeat(Effect.sleep("5 millis"), { until: () => live.idxOf("i1") !== undefined });
        yield* Fiber.interrupt(running);
      }),
    ),
  );

  it.live("says how many lines are done with when the catalogue fails in between", () =>
    onShelf(({ service, setAway }) =>
      Effect.gen(function* () {
        const lines = Stream.range(0, 1_199).pipe(
          Stream.tap((n) => (n === 1_000 ? Effect.zipRight(Effect.sleep("100 millis"), setAway(true)) : Effect.void)),
          Stream.map((n) => bytesOf(n === 10 ? { item_id: 10 } : item(n))),
        );
        const stopped = yield* Effect.flip(uploadItems(lines, maxBytes));
        expect(stopped).toMatchObject({ reason: "Store", message: expect.stringMatching(/go on from the one after/) });
        yield* setAway(false);
        const { lines: done, taken } = stopped;
        expect(done).toBeGreaterThan(900);
        expect(taken).toMatchObject({ accepted: done - 1, rejected: 1, rejects: [{ line: 11 }] });
        expect(yield* service.size).toBe(done - 1);
        expect((yield* service.find([`i${done - 1}`, `i${done}`])).map((one) => one !== undefined)).toEqual([
          true,
          false,
        ]);
      }),
    ),
  );

  it.effect("says so when the body ends early", () =>
    onShelf(() =>
      Effect.gen(function* () {
        const body = Stream.concat(Stream.make(bytesOf(item(0))), Stream.fail("reset"));
        expect(yield* Effect.flip(uploadItems(body, maxBytes))).toMatchObject({ reason: "Sender" });
      }),
    ),
  );
});
