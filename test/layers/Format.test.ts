import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Either, type Layer, Stream } from "effect";
import * as Store from "../../layers/engines/lmdb/Store.ts";
import { checkFolder, formats, judge, makeFolderStamp, stampOf } from "../../layers/Format.ts";
import * as Local from "../../layers/Tables/Local.ts";
import { dataFolderAt } from "../../src/config/DataFolder.ts";
import { shownVersion } from "../../src/domain/UserStateCodec.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { temporaryFolder } from "./engines/lmdb/temporary.ts";

const stamp = stampOf(formats.folder);
const newer = JSON.stringify({ format: formats.folder + 1, writtenBy: "9.8.7" });

describe("judge", () => {
  it("takes this format and earlier ones, and what has none", () => {
    expect(judge(formats.folder, stamp, "here", "PLACE")).toEqual(Either.right("stamped"));
    expect(judge(formats.folder, undefined, "here", "PLACE")).toEqual(Either.right("unstamped"));
    for (const earlier of [1, 2, 3]) {
      expect(judge(formats.folder, stampOf(earlier), "here", "PLACE"), `${earlier}`).toEqual(Either.right("unstamped"));
    }
  });

  it("has a number of its own for states of each version, on folders and on Redis", () => {
    expect({ state: shownVersion, formats }).toEqual({ state: 4, formats: { folder: 4, redis: 3 } });
  });

  it("refuses a later format, naming who wrote it and what to do, and what is no stamp", () => {
    const refusal = (text: string) =>
      Either.getOrThrow(Either.flip(judge(formats.folder, text, "here", "PLACE"))).message;
    expect(refusal(newer)).toMatch(
      /^here says that Slipstream 9\.8\.7 wrote here, in format 5; this is .*, which knows/,
    );
    expect(refusal(newer)).toContain("start version 9.8.7 or a later one, or set PLACE to another place");
    for (const text of ["", "{}", "2", '{"format":"2","writtenBy":"x"}']) {
      expect(refusal(text), text).toContain("here is no stamp");
    }
  });
});

const within = <A, E>(dataDir: string, effect: Effect.Effect<A, E>) =>
  Effect.withConfigProvider(effect, ConfigProvider.fromMap(new Map([["DATA_DIR", dataDir]])));

const opened = <I, E>(dataDir: string, layer: Layer.Layer<I, E>) =>
  within(dataDir, Effect.provide(Effect.void, layer)).pipe(Effect.either);

describe("a data folder", () => {
  it.scopedLive("is stamped by the first that writes in it, not by looking", () =>
    Effect.gen(function* () {
      const [looked, written, stored] = yield* Effect.all([temporaryFolder, temporaryFolder, temporaryFolder]);
      yield* opened(looked, Local.layer);
      expect(readdirSync(looked)).toEqual([]);
      const append = Effect.flatMap(Tables, (tables) =>
        tables.append("t", [{ name: "id", type: "integer", nullable: false }], Stream.empty),
      );
      yield* within(written, Effect.provide(append, Local.layer));
      yield* opened(stored, Store.layer);
      for (const folder of [written, stored]) {
        expect(readFileSync(join(folder, "format.json"), "utf8")).toBe(`${stamp}\n`);
        expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
      }
    }),
  );

  it.scopedLive("that has an earlier stamp gets this one", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder;
      writeFileSync(join(folder, "format.json"), '{"format":1,"writtenBy":"0.1.0"}');
      yield* Effect.all(
        Array.from({ length: 20 }, () => makeFolderStamp(dataFolderAt(folder))),
        { concurrency: "unbounded" },
      );
      expect(readFileSync(join(folder, "format.json"), "utf8")).toBe(`${stamp}\n`);
      expect(readdirSync(folder)).toEqual(["format.json"]);
    }),
  );

  it.scopedLive("of a later version is refused before anything is opened or changed", () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "data");
      yield* checkFolder(dataFolderAt(folder));
      mkdirSync(folder);
      writeFileSync(join(folder, "format.json"), newer);
      for (const layer of [Local.layer, Store.layer]) {
        const result = yield* opened(folder, layer as Layer.Layer<never, { readonly message: string }>);
        expect(Either.getOrThrow(Either.flip(result)).message).toContain(`${join(folder, "format.json")} says that`);
      }
      expect(existsSync(join(folder, "store"))).toBe(false);
      expect(readFileSync(join(folder, "format.json"), "utf8")).toBe(newer);
    }),
  );
});
