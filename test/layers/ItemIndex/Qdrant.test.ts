/** The Qdrant adapter where no Qdrant is: outages, keys, addresses; points and names. Its contract runs in test/engines. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Exit, Layer, Logger, Stream } from "effect";
import fc from "fast-check";
import { layer } from "../../../layers/ItemIndex/Qdrant.ts";
import { aliasOf, newCollection, removeOthers } from "../../../layers/ItemIndex/qdrant/Collections.ts";
import { placeOf } from "../../../layers/ItemIndex/qdrant/Described.ts";
import { itemOf, pointOf } from "../../../layers/ItemIndex/qdrant/Points.ts";
import { ItemIndex } from "../../../src/ports/ItemIndex.ts";
import { everything } from "../../support/Within.ts";

const key = "sesame-4711";
const query = Float32Array.of(1, 2, 3, 4);

const withIndex = <A, E>(
  settings: Readonly<Record<string, string>>,
  body: Effect.Effect<A, E, ItemIndex>,
  log: (line: string) => void = () => {},
) => {
  const given = { QDRANT_TIMEOUT: "10 seconds", QDRANT_LOAD_PATIENCE: "50 millis", QDRANT_API_KEY: key, ...settings };
  return body.pipe(
    Effect.provide(layer),
    Effect.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(given))))),
    Effect.provide(
      Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ message }) => log(String(message))),
      ),
    ),
  );
};

/** A server that answers everything alike; without an answer it hangs. */
const server = (answer?: { readonly status: number; readonly body: string }) =>
  Effect.acquireRelease(
    Effect.async<{ readonly url: string; readonly stop: Effect.Effect<void> }>((resume) => {
      const http = createServer((message, response) => {
        message.resume();
        if (answer !== undefined) {
          response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
        }
      });
      http.listen(0, "127.0.0.1", () => {
        const stop = Effect.async<void>((done) => {
          http.close(() => done(Effect.void));
          http.closeAllConnections();
        });
        resume(Effect.succeed({ url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, stop }));
      });
    }),
    ({ stop }) => stop,
  );

const failures = (url: string, log?: (line: string) => void, settings: Readonly<Record<string, string>> = {}) =>
  withIndex(
    { QDRANT_URL: url, ...settings },
    Effect.gen(function* () {
      const index = yield* ItemIndex;
      return [
        yield* Effect.flip(index.search("m", query, 5, everything())),
        yield* Effect.flip(index.items("m")),
        yield* Effect.flip(index.serve("m")),
        yield* Effect.flip(index.drop("m")),
        yield* Effect.flip(index.load("m", { rank: 4 }, Stream.empty)),
      ];
    }),
    log,
  );

const expectAll = (
  errors: ReadonlyArray<{ readonly reason: string; readonly message: string; readonly cause?: unknown }>,
  url: string,
  remedy: string,
) => {
  for (const error of errors) {
    expect(error.reason).toBe("Unavailable");
    expect(error.message).toContain(`Qdrant at ${url}`);
    expect(error.message).toContain(remedy);
    expect(inspect(error, { depth: 10 })).not.toContain(key);
  }
};

describe("Qdrant out of order", () => {
  it.scopedLive("refuses connections: says where, and what to do", () =>
    Effect.gen(function* () {
      const { stop, url } = yield* server();
      yield* stop;
      const lines: Array<string> = [];
      expectAll(yield* failures(url, (line) => lines.push(line)), url, "ECONNREFUSED");
      expect(lines.filter((line) => line.includes("cannot be reached"))).toHaveLength(1);
      expect(lines.join()).not.toContain(key);
    }),
  );

  it.scopedLive("answers 503", () =>
    Effect.gen(function* () {
      const { url } = yield* server({
        status: 503,
        body: JSON.stringify({ status: { error: "consensus is not up" } }),
      });
      expectAll(yield* failures(url), url, "answers 503 (consensus is not up)");
    }),
  );

  it.scopedLive("hangs: a search gives up after QDRANT_TIMEOUT", () =>
    Effect.gen(function* () {
      const { url } = yield* server();
      const search = Effect.flatMap(ItemIndex, (index) => Effect.flip(index.search("m", query, 5, everything())));
      expectAll(
        [yield* withIndex({ QDRANT_URL: url, QDRANT_TIMEOUT: "100 millis" }, search)],
        url,
        "gave no answer within 100 ms",
      );
    }),
  );

  it.scopedLive("refuses the key: names the setting, never the key, and tries no more", () =>
    Effect.gen(function* () {
      const { url } = yield* server({ status: 401, body: "{}" });
      const patient = { QDRANT_LOAD_PATIENCE: "10 minutes" };
      expectAll(yield* failures(url, () => {}, patient), url, "set QDRANT_API_KEY");
    }),
  );

  it.scopedLive("answers with something else than Qdrant does", () =>
    Effect.gen(function* () {
      const { url } = yield* server({ status: 200, body: "<html>" });
      expectAll(yield* failures(url), url, "see that QDRANT_URL is right");
    }),
  );

  it.effect("is addressed by a URL of http or https alone", () =>
    Effect.gen(function* () {
      for (const url of ["", "localhost:6333", "ftp://somewhere", "http://"]) {
        const exit = yield* Effect.exit(withIndex({ QDRANT_URL: url }, ItemIndex));
        expect(Exit.isFailure(exit)).toBe(true);
        expect(String(exit)).toContain("QDRANT_URL");
      }
    }),
  );
});

describe("Qdrant's points", () => {
  const text = fc.string({ unit: "grapheme" });
  const items = fc.record({
    itemIdx: fc.nat(2 ** 31 - 1),
    metadata: fc.record({
      article_id: text,
      prod_name: text,
      product_type_name: text,
      product_group_name: text,
      graphical_appearance_name: text,
      index_group_name: text,
    }),
    available: fc.boolean(),
    buyers: fc.nat(2 ** 31 - 1),
    vector: fc.float32Array({ minLength: 8, maxLength: 8, noNaN: true, noDefaultInfinity: true }),
    followers: fc
      .array(fc.tuple(fc.nat(2 ** 32 - 1), fc.nat(Number.MAX_SAFE_INTEGER)), { maxLength: 100 })
      .map((all) => ({
        items: Uint32Array.from(all, ([item]) => item),
        counts: Float64Array.from(all, ([, count]) => count),
        total: all.reduce((sum, [, count]) => sum + count, 0),
      })),
    popularity: fc.double({ min: 0, max: 1, noNaN: true }).map((share) => share + 0),
  });

  it("hold the whole item, under either distance, through JSON", () => {
    fc.assert(
      fc.property(items, fc.constantFrom("dot", "cosine"), (item, metric) => {
        // As JSON has it: no negative zero.
        const vector = item.vector.map((value) => value + 0);
        const { id, payload, vector: stored } = JSON.parse(JSON.stringify(pointOf({ ...item, vector }, metric)));
        const read = metric === "dot" ? stored : [1, 2, 3];
        expect(itemOf({ id, payload, vector: read }, 8)).toEqual({ ...item, vector });
        expect(itemOf({ id, payload, vector: read }, 16)).toBeUndefined();
      }),
    );
  });

  it("of version 0.1.0 are available and without buyers", () => {
    const metadata = {
      article_id: "1",
      prod_name: "",
      product_type_name: "",
      product_group_name: "",
      graphical_appearance_name: "",
      index_group_name: "",
    };
    for (const status of ["trained", "untrained"]) {
      expect(itemOf({ id: 1, vector: [1], payload: { ...metadata, status } }, 1)).toEqual({
        itemIdx: 1,
        metadata,
        available: true,
        buyers: 0,
        vector: Float32Array.of(1),
      });
    }
  });

  it("are none of ours without their metadata", () => {
    expect(itemOf({ id: 1, vector: [1], payload: { article_id: "1" } }, 1)).toBeUndefined();
    expect(itemOf({ id: 1, vector: [1] }, 1)).toBeUndefined();
  });

  it("have an attribute's values under a path of their own, which Qdrant takes for one", () => {
    const names = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom("a.b", "a-2e-b", "a b", "a[0]", '"a"', "é", "a_b"),
    );
    fc.assert(
      fc.property(names, names, (one, other) => {
        expect(placeOf("text", one)).toMatch(/^item\.text\.[A-Za-z0-9_-]*$/);
        expect(placeOf("text", one) === placeOf("text", other)).toBe(one === other);
        expect(placeOf("number", one)).not.toBe(placeOf("text", one));
      }),
    );
  });
});

describe("Qdrant's collections", () => {
  const models = fc.oneof(fc.string({ unit: "grapheme", minLength: 1 }), fc.stringMatching(/^m(\.[0-9a-f]{12})*$/));

  const forbidden = ["<", ">", ":", '"', "/", "\\", "|", "?", "*", "\0", "\x1f", "."];

  it("are of one model each, by names that Qdrant allows", () =>
    fc.assert(
      fc.asyncProperty(models, models, async (one, other) => {
        const [alias, beside] = [aliasOf("items", one), aliasOf("items", other)];
        expect(alias === beside).toBe(one === other);
        expect(forbidden.filter((character) => alias.includes(character))).toEqual([]);
        const names = [alias, alias, beside].map(newCollection);
        const removed: Array<string> = [];
        const client = {
          getCollections: async () => ({
            collections: [...names, alias, "items", `${alias}.old`].map((name) => ({ name })),
          }),
          deleteCollection: async (name: string) => removed.push(name),
        };
        await removeOthers(client as never, alias, names[0]);
        expect(removed).toEqual(one === other ? names.slice(1) : names.slice(1, 2));
      }),
    ));
});
