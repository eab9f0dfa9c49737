import { expect, it } from "@effect/vitest";
import { Effect, Fiber, Layer, Queue, Schema, Stream } from "effect";
import { Documents } from "../../../layers/Documents/Documents.ts";
import { layer } from "../../../layers/Documents/Embedded.ts";
import { Store } from "../../../layers/engines/lmdb/Store.ts";
import { temporaryStore } from "../engines/lmdb/temporary.ts";

const Rules = Schema.Struct({ pins: Schema.Array(Schema.Int), until: Schema.Date });
const until = new Date("2026-09-21T10:15:30Z");

it.layer(Layer.provideMerge(layer, temporaryStore))("embedded: Documents", (it) => {
  it.scoped("keeps a document by its name, as its schema encodes it, for all who open it", () =>
    Effect.gen(function* () {
      const { open } = yield* Documents;
      const [rules, again, other] = yield* Effect.forEach(["rules", "rules", "other"], (name) => open(name, Rules));
      expect(yield* rules!.get).toBeUndefined();
      yield* rules!.put({ pins: [3, 1], until });
      expect(yield* again!.get).toEqual({ pins: [3, 1], until });
      expect(yield* other!.get).toBeUndefined();
      const { read, tables } = yield* Store;
      const text = yield* read(() => tables.documents.get(Buffer.from("rules"))?.toString());
      expect(text).toBe('{"pins":[3,1],"until":"2026-09-21T10:15:30.000Z"}');
    }),
  );

  it.scoped("changes nothing where a change fails", () =>
    Effect.gen(function* () {
      const rules = yield* (yield* Documents).open("failing", Rules);
      yield* rules.put({ pins: [1], until });
      const told = yield* Effect.flip(
        rules.update(() => {
          throw new Error("no such item");
        }),
      );
      expect(told.reason).toBe("Unavailable");
      expect(yield* Effect.flip(rules.update((old) => [0, { ...old!, pins: [0.5] }]))).toMatchObject({
        reason: "Unavailable",
      });
      expect(yield* rules.get).toEqual({ pins: [1], until });
    }),
  );

  it.scoped("tells of what was put, equal values once", () =>
    Effect.gen(function* () {
      const rules = yield* (yield* Documents).open("told", Rules);
      const seen = yield* Queue.unbounded<ReadonlyArray<number> | undefined>();
      const watching = yield* rules.changes.pipe(
        Stream.runForEach((value) => Queue.offer(seen, value?.pins)),
        Effect.fork,
      );
      expect(yield* Queue.take(seen)).toBeUndefined();
      yield* rules.put({ pins: [1], until });
      expect(yield* Queue.take(seen)).toEqual([1]);
      yield* rules.put({ pins: [1], until });
      yield* rules.put({ pins: [2], until });
      expect(yield* Queue.take(seen)).toEqual([2]);
      yield* Fiber.interrupt(watching);
    }),
  );
});
