/** Keys over a file system of the test's, by the test's clock. */
import { FileSystem } from "@effect/platform";
import { SystemError } from "@effect/platform/Error";
import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Layer, Logger, TestClock } from "effect";
import { digestOf, entryOf, type Scope } from "../../src/keys/Key.ts";
import { addTo, keysIn, removeFrom } from "../../src/keys/KeyFile.ts";
import { Keys, readRing } from "../../src/keys/Keys.ts";
import { mayListen } from "../../src/keys/Listening.ts";

const entry = (name: string, text: string, scopes: ReadonlyArray<Scope> = ["read"]) =>
  entryOf({ name, scopes, digest: digestOf(text), made: "" });

type Files = Map<string, string>;

const gone = (path: string) =>
  new SystemError({ reason: "NotFound", module: "FileSystem", method: "read", pathOrDescriptor: path });

const filesOf = (files: Files) =>
  FileSystem.layerNoop({
    readFileString: (path) =>
      Effect.suspend(() => {
        const text = files.get(path);
        return text === undefined ? Effect.fail(gone(path)) : Effect.succeed(text);
      }),
    writeFileString: (path, text) => Effect.sync(() => void files.set(path, text)),
    makeDirectory: () => Effect.void,
    rename: (from, to) =>
      Effect.sync(() => {
        files.set(to, files.get(from) ?? "");
        files.delete(from);
      }),
  });

const set = (settings: Record<string, string>) =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries({ DATA_DIR: "d", ...settings }))));

/** What was logged, by level. */
const logs = (lines: Array<string>) =>
  Logger.replace(
    Logger.defaultLogger,
    Logger.make(({ logLevel, message }) => void lines.push(`${logLevel.label} ${String(message)}`)),
  );

describe("who needs a key, while the file changes", () => {
  it.scoped("is everybody once there was a file, and a file that cannot be used changes nothing", () => {
    const files: Files = new Map();
    const lines: Array<string> = [];
    const second = TestClock.adjust("1 second");
    return Effect.gen(function* () {
      const { find, needed } = yield* Keys;
      expect([needed(), find("first")]).toEqual([false, undefined]);
      files.set("d/keys", "");
      yield* second;
      expect([needed(), find("first")]).toEqual([true, undefined]);
      files.set("d/keys", entry("one", "first"));
      expect(find("first")).toBeUndefined();
      yield* second;
      expect(find("first")?.name).toBe("one");
      const before = lines.length;
      files.set("d/keys", `${entry("one", "first")}\nslip_secret`);
      yield* second;
      yield* second;
      expect([needed(), find("first")?.name]).toEqual([true, "one"]);
      files.delete("d/keys");
      yield* second;
      yield* second;
      expect([needed(), find("first")?.name]).toEqual([true, "one"]);
      files.set("d/keys", entry("two", "second"));
      yield* second;
      expect([find("first"), find("second")?.name]).toEqual([undefined, "two"]);
      expect(lines.slice(before)).toEqual([
        expect.stringMatching(/^ERROR d\/keys: line 2: .*the keys of before hold/),
        expect.stringMatching(/^ERROR .*gone.*the keys of before hold/),
        expect.stringMatching(/^INFO .*two \(read\)/),
      ]);
      expect(lines.join()).not.toMatch(/first|second|slip_secret/);
    }).pipe(Effect.provide(Layer.provide(Keys.layer, [filesOf(files), set({}), logs(lines)])));
  });
});

describe("the keys of a start", () => {
  const ring = (settings: Record<string, string>, files: Files = new Map()) =>
    readRing.pipe(Effect.provide([filesOf(files), set(settings)]));

  it.effect("are those of API_KEYS and of the file", () =>
    Effect.gen(function* () {
      expect(yield* ring({})).toMatchObject({ keys: [], needed: false });
      const both = yield* ring({ API_KEYS: entry("a", "x"), API_KEYS_FILE: "f" }, new Map([["f", entry("b", "y")]]));
      expect(both.keys.map(({ name }) => name)).toEqual(["a", "b"]);
      expect(both.needed).toBe(true);
    }),
  );

  it.effect("are refused where a name is taken twice, or the file that is named is missing or wrong", () =>
    Effect.gen(function* () {
      const reason = (settings: Record<string, string>, files?: Files) =>
        Effect.map(Effect.flip(ring(settings, files)), (error) => "reason" in error && error.reason);
      expect(yield* reason({ API_KEYS_FILE: "f" })).toBe("Missing");
      expect(yield* reason({ API_KEYS_FILE: "f" }, new Map([["f", "x"]]))).toBe("Malformed");
      expect(yield* reason({ API_KEYS: entry("a", "x") }, new Map([["d/keys", entry("a", "y")]]))).toBe("NameTaken");
    }),
  );
});

describe("a server without keys", () => {
  const listen = (host: string, settings: Record<string, string> = {}, files: Files = new Map()) => {
    const lines: Array<string> = [];
    return mayListen(host).pipe(
      Effect.match({ onFailure: (error) => String(error.message), onSuccess: () => "listens" }),
      Effect.map((said) => [said, ...lines]),
      Effect.provide([filesOf(files), set(settings), logs(lines)]),
    );
  };

  it.effect("listens on loopback alone, unless that is wanted: then it warns", () =>
    Effect.gen(function* () {
      for (const host of ["127.0.0.1", "::1", "localhost", "127.8.9.1"])
        expect(yield* listen(host)).toEqual(["listens"]);
      for (const host of ["0.0.0.0", "::", "192.168.1.5", "shop.example", "fe80::1"]) {
        expect(yield* listen(host)).toEqual([expect.stringMatching(/keys add NAME.*API_OPEN=true/)]);
        const open = yield* listen(host, { API_OPEN: "true" });
        expect(open).toEqual(["listens", expect.stringMatching(/^WARN .*no keys.*API_OPEN/)]);
        expect(yield* listen(host, { API_KEYS: entry("a", "x") })).toEqual(["listens"]);
        expect(yield* listen(host, { API_OPEN: "true" }, new Map([["d/keys", ""]]))).toEqual(["listens"]);
      }
    }),
  );
});

describe("the file", () => {
  const key = (name: string, text: string) =>
    ({ name, scopes: ["read", "write"], digest: digestOf(text), made: "2026-11-26" }) as const;

  it.effect("takes keys and lets them go, and keeps what people wrote", () => {
    const files: Files = new Map();
    return Effect.gen(function* () {
      yield* addTo("f", key("one", "x"));
      files.set("f", `${files.get("f")}# of the newsletter`);
      yield* addTo("f", key("two", "y"));
      const names = () => Effect.map(keysIn("f", files.get("f") ?? ""), (keys) => keys.map(({ name }) => name));
      expect(yield* names()).toEqual(["one", "two"]);
      const text = files.get("f");
      expect((yield* Effect.flip(addTo("f", key("two", "z")))).reason).toBe("NameTaken");
      expect((yield* Effect.flip(removeFrom("f", "three"))).message).toMatch(/there are one, two/);
      expect(files.get("f")).toBe(text);
      expect(yield* removeFrom("f", "one")).toBe(1);
      expect(yield* names()).toEqual(["two"]);
      expect(files.get("f")).toContain("# of the newsletter");
      expect(yield* removeFrom("f", "two")).toBe(0);
      expect(yield* names()).toEqual([]);
      expect([...files.keys()]).toEqual(["f"]);
    }).pipe(Effect.provide(filesOf(files)));
  });
});
