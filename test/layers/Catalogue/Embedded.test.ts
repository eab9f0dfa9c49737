import { cpSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer } from "effect";
import { layer } from "../../../layers/Catalogue/Embedded.ts";
import { itemKey } from "../../../layers/Catalogue/embedded/Keys.ts";
import { layerAt, Store } from "../../../layers/engines/lmdb/Store.ts";
import { Catalogue } from "../../../src/ports/Catalogue.ts";
import { catalogueContract } from "../../contracts/Catalogue.ts";
import { temporaryFolder, temporaryStore } from "../engines/lmdb/temporary.ts";

/** Cuts the record's end off. */
const spoil = (_itemId: string, itemIdx: number) =>
  Effect.flatMap(Store, ({ tables: { items }, write }) =>
    write(() => {
      const entry = Buffer.from(items.get(itemKey(itemIdx)) ?? []);
      items.put(itemKey(itemIdx), entry.subarray(0, entry.length - 1));
    }),
  );

catalogueContract("embedded", () => temporaryStore, layer, spoil);

describe("embedded Catalogue", () => {
  for (const version of ["v0.1.0", "v0.2.0"]) {
    it.scopedLive(`is empty in a store of ${version}, whose other tables stay as they are`, () =>
      Effect.gen(function* () {
        const folder = join(yield* temporaryFolder, "store");
        yield* Effect.sync(() =>
          cpSync(new URL(`../../fixtures/${version}/embedded/store`, import.meta.url), folder, { recursive: true }),
        );
        const documents = Effect.flatMap(Store, ({ read, tables }) =>
          read(() => Array.from(tables.documents.getRange(), ({ key, value }) => `${key} ${value}`)),
        );
        const open = Layer.provideMerge(layer, layerAt(folder));
        const before = yield* Effect.gen(function* () {
          const catalogue = yield* Catalogue;
          expect(yield* catalogue.size).toBe(0);
          expect(yield* catalogue.allot(["a", "b"])).toEqual([0, 1]);
          return yield* documents;
        }).pipe(Effect.provide(open));
        expect(before.length).toBeGreaterThan(0);
        yield* Effect.gen(function* () {
          const catalogue = yield* Catalogue;
          expect(yield* catalogue.allot(["b", "c"])).toEqual([1, 2]);
          expect(yield* documents).toEqual(before);
        }).pipe(Effect.provide(open));
      }),
    );
  }

  it.scopedLive("takes ids of any length, and tells long ones apart", () =>
    Effect.gen(function* () {
      const catalogue = yield* Catalogue;
      const ids = ["x".repeat(1024), "x".repeat(1025), "x".repeat(70_000), `${"x".repeat(69_999)}y`, "ž".repeat(600)];
      expect(yield* catalogue.allot(ids)).toEqual([0, 1, 2, 3, 4]);
      expect((yield* catalogue.find(ids)).map((item) => item?.itemId)).toEqual(ids);
      expect(yield* catalogue.find(["ž".repeat(601)])).toEqual([undefined]);
    }).pipe(Effect.provide(Layer.provide(layer, temporaryStore))),
  );
});
