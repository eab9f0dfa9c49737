/** Loads, aliases, outages and graphs of the Qdrant adapter, on Qdrant's own engine and published OpenAPI. */
import { describe, expect, it } from "@effect/vitest";
import { Cause, Deferred, Effect, Fiber, Schema, type Scope, Stream } from "effect";
import { xoshiro128 } from "../../src/kernels/Random.ts";
import { ItemIndex, type ItemVector } from "../../src/ports/ItemIndex.ts";
import { everything } from "../support/Within.ts";
import { Collections, layerAt, proxy, type QdrantServer, qdrantServer } from "./qdrantServer.ts";

const item = (itemIdx: number, vector: ReadonlyArray<number>): ItemVector => ({
  itemIdx,
  metadata: {
    article_id: `a${itemIdx}`,
    prod_name: "",
    product_type_name: "",
    product_group_name: itemIdx % 2 === 0 ? "even" : "odd",
    graphical_appearance_name: "",
    index_group_name: "",
  },
  available: true,
  buyers: 0,
  vector: Float32Array.from(vector),
});
const some = (count: number): ReadonlyArray<ItemVector> =>
  Array.from({ length: count }, (_, i) => item(i, [i, 1, 0, 0]));
const query = Float32Array.of(1, 0, 0, 0);

const collectionsOf = (server: QdrantServer) =>
  Effect.map(server.get("/collections"), (result) =>
    Schema.decodeUnknownSync(Collections)(result).collections.map(({ name }) => name),
  );

const Points = Schema.Struct({ points: Schema.Array(Schema.Struct({ id: Schema.Number })) });
const Indexed = Schema.Struct({ indexed_vectors_count: Schema.Number });
/** What a reader outside finds under an alias. */
const bestUnder = (server: QdrantServer, alias: string) =>
  Effect.map(
    server.send("POST", `/collections/${alias}/points/query`, { query: [1, 0, 0, 0], limit: 1 }),
    (result) => Schema.decodeUnknownSync(Points)(result).points[0]?.id,
  );

const withIndex = <A, E>(
  settings: Readonly<Record<string, string>>,
  body: (server: QdrantServer) => Effect.Effect<A, E, ItemIndex | Scope.Scope>,
) => Effect.flatMap(qdrantServer(), (server) => Effect.provide(body(server), layerAt(server.url, settings)));

const load = (model: string, items: ReadonlyArray<ItemVector>) =>
  Effect.flatMap(ItemIndex, (index) => index.load(model, { rank: 4 }, Stream.make(items)));
const unknown = { _tag: "ItemIndexError", reason: "UnknownModel" };

describe("qdrant", () => {
  it.scopedLive("under cosine finds by direction, scores by unit vectors and gives back the factors as they were", () =>
    withIndex({ QDRANT_DISTANCE: "cosine" }, () =>
      Effect.gen(function* () {
        const index = yield* ItemIndex;
        const items = [
          item(1, [100, 100, 0, 0]),
          item(2, [0.1, 0, 0, 0]),
          item(3, [0, 0, 0, 0]),
          item(4, [0, 3, 0, 0]),
        ];
        yield* load("m", items);
        const found = yield* index.search("m", Float32Array.of(5, 0, 0, 0), 9, everything());
        expect(found.map(({ itemIdx }) => itemIdx)).toEqual([2, 1, 4]);
        expect(found[0]?.score).toBeCloseTo(5, 5);
        expect(found[1]?.score).toBeCloseTo(5 * Math.SQRT1_2, 5);
        expect(found[2]?.score).toBeCloseTo(0, 6);
        const { vectors } = yield* index.items("m");
        expect(vectors).toEqual(Float32Array.of(100, 100, 0, 0, 0.1, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0));
      }),
    ),
  );

  it.scopedLive("loads in several uploads, reads in several pages, and takes an item as it came last", () =>
    withIndex({}, (server) =>
      Effect.gen(function* () {
        const index = yield* ItemIndex;
        const items = some(2600);
        const batches = [
          items.slice(0, 1300),
          items.slice(1300),
          [item(7, [5000, 0, 0, 0])],
          [item(7, [9000, 0, 0, 0])],
        ];
        expect(yield* index.load("m", { rank: 4 }, Stream.fromIterable(batches))).toBe(2600);
        const { itemIdx, metadata } = yield* index.items("m");
        expect(itemIdx).toEqual(Uint32Array.from({ length: 2600 }, (_, i) => i));
        expect(metadata[2599]?.article_id).toBe("a2599");
        const found = yield* index.search("m", query, 2, everything());
        expect(found).toEqual([
          { itemIdx: 7, score: 9000 },
          { itemIdx: 2599, score: 2599 },
        ]);
        const { scroll_points, upsert_points } = yield* server.requests;
        expect(scroll_points).toBe(3);
        expect(upsert_points).toBe(7);
      }),
    ),
  );

  it.scopedLive("knows nothing of a load that failed, was interrupted or died, and starts over", () =>
    withIndex({}, (server) =>
      Effect.gen(function* () {
        const index = yield* ItemIndex;
        const torn = Stream.concat(Stream.make(some(1500)), Stream.fail("torn"));
        expect(yield* Effect.flip(index.load("m", { rank: 4 }, torn))).toBe("torn");
        expect(yield* Effect.flip(index.search("m", query, 5, everything()))).toMatchObject(unknown);
        expect(yield* collectionsOf(server)).toEqual([]);

        const reached = yield* Deferred.make<void>();
        const stuck = Stream.concat(
          Stream.make(some(1500)),
          Stream.fromEffect(Effect.zipRight(Deferred.succeed(reached, undefined), Effect.never)),
        );
        const loading = yield* Effect.fork(index.load("m", { rank: 4 }, stuck));
        yield* Deferred.await(reached);
        expect(yield* Effect.flip(index.items("m"))).toMatchObject(unknown);
        yield* Fiber.interrupt(loading);
        expect(yield* collectionsOf(server)).toEqual([]);

        // As a killed process leaves it.
        const dead = "/collections/items_m.0123456789ab";
        yield* server.send("PUT", dead, { vectors: { size: 4, distance: "Dot" } });
        yield* server.send("PUT", `${dead}/points?wait=true`, {
          points: [{ id: 1, vector: [1, 2, 3, 4], payload: { status: "trained" } }],
        });
        expect(yield* Effect.flip(index.search("m", query, 5, everything()))).toMatchObject(unknown);
        expect(yield* load("m", some(3))).toBe(3);
        expect((yield* index.search("m", query, 5, everything())).map(({ itemIdx }) => itemIdx)).toEqual([2, 1, 0]);
        expect(yield* collectionsOf(server)).toHaveLength(1);
        yield* load("m", some(2));
        expect(yield* collectionsOf(server)).toHaveLength(1);
        yield* load("m.0123456789ab", some(1));
        yield* index.drop("m");
        expect(yield* collectionsOf(server)).toHaveLength(1);
        expect(yield* index.search("m.0123456789ab", query, 5, everything())).toHaveLength(1);
      }),
    ),
  );

  it.scopedLive("switches the serving alias in one call, and a model loaded again keeps it", () =>
    withIndex({ QDRANT_COLLECTION: "shop" }, (server) =>
      Effect.gen(function* () {
        const index = yield* ItemIndex;
        expect(yield* Effect.flip(index.serve("a"))).toMatchObject(unknown);
        yield* load("a", some(3));
        yield* load("b", some(5));
        yield* index.serve("a");
        expect(yield* bestUnder(server, "shop")).toBe(2);
        const before = (yield* server.requests).update_aliases!;
        yield* index.serve("b");
        expect((yield* server.requests).update_aliases).toBe(before + 1);
        expect(yield* bestUnder(server, "shop")).toBe(4);
        yield* index.serve("b");
        expect((yield* server.requests).update_aliases).toBe(before + 1);
        yield* load("b", some(8));
        expect((yield* server.requests).update_aliases).toBe(before + 2);
        expect(yield* bestUnder(server, "shop")).toBe(7);
        expect(yield* bestUnder(server, "shop_a")).toBe(2);
      }),
    ),
  );

  it.scopedLive("sits out an outage during a load", () =>
    Effect.gen(function* () {
      const server = yield* qdrantServer();
      const failures = new Map<string, number>();
      const url = yield* proxy(server.url, (method, path) => {
        const kind = `${method} ${path.replace(/\.[0-9a-f]{12}/, "").replace(/\?.*/, "")}`;
        const seen = failures.get(kind) ?? 0;
        failures.set(kind, seen + 1);
        return seen === 0 ? 503 : "pass";
      });
      yield* Effect.gen(function* () {
        const index = yield* ItemIndex;
        expect(yield* load("m", some(1200))).toBe(1200);
        expect(failures.get("PUT /collections/items_m/points")).toBe(4);
        const away = { reason: "Unavailable" };
        expect(yield* Effect.flip(index.items("m"))).toMatchObject(away);
        yield* index.items("m");
        expect(yield* Effect.flip(index.search("m", query, 1, everything()))).toMatchObject(away);
        expect(yield* index.search("m", query, 1, everything())).toEqual([{ itemIdx: 1199, score: 1199 }]);
        // What it knows of the model outlasts an outage.
        expect(failures.get("POST /collections/items_m/points/scroll")).toBe(3);
      }).pipe(Effect.provide(layerAt(url)));
    }),
  );

  it.scopedLive("gives a load up when the outage outlasts its patience", () =>
    Effect.gen(function* () {
      const server = yield* qdrantServer();
      let up = true;
      const url = yield* proxy(server.url, (method, path) => {
        if (method === "PUT" && path.includes("/points")) up = false;
        return up ? "pass" : 503;
      });
      yield* Effect.gen(function* () {
        const index = yield* ItemIndex;
        const failed = yield* Effect.flip(load("m", some(10)));
        expect(failed).toMatchObject({ reason: "Unavailable", message: expect.stringContaining(url) });
        up = true;
        expect(yield* collectionsOf(server)).toHaveLength(1);
        expect(yield* Effect.flip(index.search("m", query, 1, everything()))).toMatchObject(unknown);
      }).pipe(Effect.provide(layerAt(url, { QDRANT_LOAD_PATIENCE: "300 millis" })));
    }),
  );

  it.scopedLive("searches a large model by its graph, once that is built, and finds nearly all of the best", () =>
    withIndex({ QDRANT_EXACT_UP_TO: "1000" }, (server) =>
      Effect.gen(function* () {
        const index = yield* ItemIndex;
        const [rank, rows] = [256, 10_500];
        const random = xoshiro128([7, 7, 7, 7]);
        // Few digits, so that there is less to send; in clusters, as items are.
        const draw = () => (random() % 17) / 8 - 1;
        const centres = Array.from({ length: 40 }, () => Float32Array.from({ length: rank }, draw));
        const near = (i: number) => centres[i % 40]!.map((value, f) => (f % 4 === 0 ? draw() : value));
        const items = Array.from({ length: rows }, (_, i) => ({ ...item(i, []), vector: near(i) }));
        expect(yield* index.load("m", { rank }, Stream.make(items))).toBe(rows);
        const { indexed_vectors_count } = Schema.decodeUnknownSync(Indexed)(yield* server.get("/collections/items_m"));
        expect(indexed_vectors_count).toBe(rows);
        let hits = 0;
        for (let i = 0; i < 20; i++) {
          const query = near(i);
          const scores = items.map(({ vector }) => vector.reduce((sum, value, f) => sum + value * query[f]!, 0));
          const twentieth = Float64Array.from(scores).sort()[rows - 20]!;
          const found = yield* index.search("m", query, 20, everything());
          hits += found.filter(({ itemIdx }) => scores[itemIdx]! >= twentieth).length;
        }
        expect(hits / 400).toBeGreaterThan(0.9);
      }),
    ),
  );

  it.scopedLive("fails a test that breaks Qdrant's OpenAPI", () =>
    Effect.gen(function* () {
      const broken = Effect.scoped(
        Effect.flatMap(qdrantServer(), ({ url }) =>
          Effect.promise(() =>
            fetch(`${url}/collections/x/points/query`, {
              method: "POST",
              headers: { "content-type": "application/json" },
              body: '{"query":[1],"limt":5}',
            }),
          ),
        ),
      );
      expect(Cause.pretty(yield* Effect.flip(Effect.sandbox(broken)))).toContain("'limt' was unexpected");
    }),
  );
});
