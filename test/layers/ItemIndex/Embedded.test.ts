import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer, Stream } from "effect";
import { layerAt } from "../../../layers/ItemIndex/Embedded.ts";
import { dataFolderAt } from "../../../src/config/DataFolder.ts";
import { noFollowers } from "../../../src/domain/Followers.ts";
import { ItemIndex, type ItemVector } from "../../../src/ports/ItemIndex.ts";
import { itemIndexContract } from "../../contracts/ItemIndex.ts";
import { everything } from "../../support/Within.ts";

const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "items-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true })),
);

itemIndexContract("embedded", () =>
  Layer.unwrapScoped(Effect.map(temporaryFolder, (root) => layerAt(dataFolderAt(root)))),
);

const item = (itemIdx: number): ItemVector => ({
  itemIdx,
  metadata: {
    article_id: `a${itemIdx}`,
    prod_name: "",
    product_type_name: "",
    product_group_name: "",
    graphical_appearance_name: "",
    index_group_name: "",
  },
  available: true,
  buyers: 0,
  vector: Float32Array.of(itemIdx, 1, 1, 1, 1, 1, 1, 1),
});
const query = Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0);

const load = (folder: string, model: string, indices: ReadonlyArray<number>) =>
  ItemIndex.pipe(
    Effect.flatMap((index) => index.load(model, { rank: 8 }, Stream.make(indices.map(item)))),
    Effect.provide(layerAt(dataFolderAt(folder))),
  );
const search = (folder: string, model: string) =>
  ItemIndex.pipe(
    Effect.flatMap((index) => index.search(model, query, 10, everything())),
    Effect.map((found) => found.map(({ itemIdx }) => itemIdx)),
    Effect.provide(layerAt(dataFolderAt(folder))),
  );

describe("embedded: items on disk", () => {
  it.scoped("are found by another process", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder;
      yield* load(folder, "m1", [1, 2, 3]);
      yield* load(folder, "../m2", [4]);
      expect(yield* search(folder, "m1")).toEqual([3, 2, 1]);
      expect(yield* search(folder, "../m2")).toEqual([4]);
      expect(readdirSync(folder)).toEqual(["store"]);
      expect(readdirSync(join(folder, "store"))).toEqual(["items"]);
    }),
  );

  it.scoped("of an interrupted load are not seen, and cleared a day later; a load under way is left alone", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder;
      const place = join(folder, "store", "items", "m1");
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, "items.bin.of-another.partial"), "half");
      writeFileSync(join(place, "items.bin.77.partial"), "half");
      const before = Date.now() / 1000 - 2 * 86_400;
      utimesSync(join(place, "items.bin.77.partial"), before, before);
      expect(yield* Effect.flip(search(folder, "m1"))).toMatchObject({ reason: "UnknownModel" });
      yield* load(folder, "m1", [1]);
      expect(readdirSync(place).sort()).toEqual(["items.bin", "items.bin.of-another.partial"]);
    }),
  );

  it.scoped("that were damaged are refused", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder;
      yield* load(folder, "m1", [1, 2, 3]);
      const path = join(folder, "store", "items", "m1", "items.bin");
      const whole = readFileSync(path);
      const flipped = Buffer.from(whole);
      flipped[whole.length - 9]! ^= 1;
      for (const damaged of [whole.subarray(0, 10), whole.subarray(0, whole.length - 4), flipped, Buffer.alloc(64)]) {
        writeFileSync(path, damaged);
        expect(yield* Effect.flip(search(folder, "m1"))).toMatchObject({ reason: "Corrupt" });
      }
      writeFileSync(path, whole);
      expect(yield* search(folder, "m1")).toEqual([3, 2, 1]);
      appendFileSync(path, "x");
      expect(yield* Effect.flip(search(folder, "m1"))).toMatchObject({ reason: "Corrupt" });
    }),
  );

  it.scoped("of version 0.1.0 are all available and unbought; those of a newer version are refused", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder;
      const place = join(folder, "store", "items", "m1");
      mkdirSync(place, { recursive: true });
      const items = join(import.meta.dirname, "../../fixtures/v0.1.0/embedded/store/items");
      const old = readFileSync(join(items, readdirSync(items)[0], "items.bin"));
      writeFileSync(join(place, "items.bin"), old);
      const catalogue = ItemIndex.pipe(
        Effect.flatMap((index) => index.items("m1")),
        Effect.provide(layerAt(dataFolderAt(folder))),
      );
      const { available, buyers, metadata } = yield* catalogue;
      expect(metadata[0].article_id).toMatch(/^\d{10}$/);
      expect([...available]).toEqual(metadata.map(() => 1));
      expect([...buyers]).toEqual(metadata.map(() => 0));
      old.writeUInt32LE(5, 4);
      writeFileSync(join(place, "items.bin"), old);
      const refused = yield* Effect.flip(catalogue);
      expect(refused.reason).toBe("Corrupt");
      expect(refused.message).toMatch(
        /items\.bin was written by a newer version: start that version, or load model m1 /,
      );
    }),
  );

  it.scoped("of version 0.2.0 are without followers, and as popular as they are bought", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder;
      const place = join(folder, "store", "items", "m1");
      mkdirSync(place, { recursive: true });
      const items = join(import.meta.dirname, "../../fixtures/v0.2.0/embedded/store/items");
      const old = readFileSync(join(items, readdirSync(items)[0], "items.bin"));
      expect(old.readUInt32LE(4)).toBe(2);
      writeFileSync(join(place, "items.bin"), old);
      const { buyers, followers, itemIdx, popularity } = yield* ItemIndex.pipe(
        Effect.flatMap((index) => index.items("m1")),
        Effect.provide(layerAt(dataFolderAt(folder))),
      );
      expect(followers).toEqual(noFollowers(itemIdx.length));
      const all = buyers.reduce((sum, count) => sum + count, 0);
      expect(all).toBeGreaterThan(0);
      expect(popularity).toEqual(Float32Array.from(buyers, (count) => count / all));
    }),
  );

  it.scoped("that cannot be written are an error that names the folder", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder;
      writeFileSync(join(folder, "store"), "");
      const failed = yield* Effect.flip(load(folder, "m1", [1]));
      expect(failed).toMatchObject({ reason: "Unavailable" });
      expect(String(failed)).toContain(folder);
    }),
  );
});
