import { expect, it } from "@effect/vitest";
import { Effect, Layer, Stream, SubscriptionRef } from "effect";
import { preprocess } from "../../src/batch/Preprocess.ts";
import { saltedHash, type Tombstone } from "../../src/domain/Forgotten.ts";
import { itemFollowers, itemPopularity } from "../../src/domain/ModelTables.ts";
import { importEvents } from "../../src/intake/ImportEvents.ts";
import { loadModel } from "../../src/models/Load.ts";
import { trainModel } from "../../src/models/Train.ts";
import { ItemIndex, type ItemVector, type ModelShape } from "../../src/ports/ItemIndex.ts";
import { emptyRegistry, ModelRegistry } from "../../src/ports/ModelRegistry.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { inFolder } from "../support/Folder.ts";
import { memoryForgotten, salt } from "../support/MemoryForgotten.ts";

const unused = () => Effect.die("not part of this test");

/** Stores that keep what is loaded, and a registry. */
const makeStores = Effect.gen(function* () {
  const registry = yield* SubscriptionRef.make(emptyRegistry);
  const loaded: Array<ItemVector> = [];
  const tombstones = new Map<string, Tombstone>();
  const forgets: Array<string> = [];
  let shape: ModelShape | undefined;
  const layer = Layer.mergeAll(
    Layer.succeed(ModelRegistry, {
      state: SubscriptionRef.get(registry),
      update: (change) => SubscriptionRef.modify(registry, change),
      changes: registry.changes,
    }),
    Layer.succeed(ItemIndex, {
      load: (_model, given, items) =>
        Effect.map(Stream.runCollect(items), (batches) => {
          shape = given;
          loaded.splice(0, loaded.length, ...[...batches].flat());
          return loaded.length;
        }),
      items: unused,
      search: unused,
      serve: unused,
      inMemory: () => Effect.succeed(undefined),
      filters: Effect.succeed(false),
      describe: unused,
      drop: unused,
    }),
    Layer.mock(UserStates, {
      load: (_model, users) => Effect.as(Stream.runDrain(users), 0),
      forget: (model, userId, { next, slot }) =>
        Effect.sync(() => void forgets.push(`${model} ${userId} ${slot} ${next}`)),
    }),
    memoryForgotten(tombstones),
  );
  return { layer, loaded, tombstones, forgets, shape: () => shape };
});

it.effect("hands on the model's metric, followers and popularity; of a model without them neither", () =>
  inFolder(
    (folder) =>
      Effect.gen(function* () {
        const { forgets, layer, loaded, shape, tombstones } = yield* makeStores;
        const events = yield* folder.write(
          "events.csv",
          [
            "user,item,time",
            "ann,a,1700000100",
            "ann,b,1700000200",
            "ann,a,1700000300",
            "bob,b,1700000100",
            "bob,c,1700086500",
            "cid,d,1700086500",
          ].join("\n"),
        );
        yield* importEvents({ events, user: "user", item: "item", timestamp: "time" });
        yield* preprocess;
        const model = yield* Effect.provide(trainModel, layer);
        expect(model.halfLifeSeconds).toBe(86_400);
        expect(model.popularityAsOf).toBe(1_700_086_500);
        expect(model.popularityTotal).toBeGreaterThan(0);
        const nameOf = new Map<number, string>();
        const known = () =>
          Object.fromEntries(
            loaded.map(({ followers, itemIdx, metadata, popularity }) => {
              nameOf.set(itemIdx, metadata.article_id);
              return [metadata.article_id, { followers, popularity }];
            }),
          );
        yield* Effect.provide(loadModel({ ...model, metric: "cosine" }), layer);
        expect(shape()).toEqual({ rank: 8, metric: "cosine" });
        const { a, b, c, d } = known();
        const named = (of: typeof a) => ({
          followers: Array.from(of?.followers?.items ?? [], (item, i) => [nameOf.get(item), of?.followers?.counts[i]]),
          total: of?.followers?.total,
        });
        expect(named(a)).toEqual({
          followers: [
            ["b", 1e6],
            ["a", 800_000],
          ],
          total: 1_800_000,
        });
        expect(new Set(named(b).followers.map(String))).toEqual(new Set(["a,1000000", "c,1000000"]));
        expect(b?.followers?.total).toBe(2e6);
        expect(named(c)).toEqual({ followers: [], total: undefined });
        const shares = [a, b, c, d].map((one) => one?.popularity ?? Number.NaN);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
        expect(shares[2]).toBe(shares[3]);
        expect(shares[2]).toBeGreaterThan(shares[0]! / 2);

        // Ann is forgotten by a word that the model was made before, bob by one that it was made after.
        expect(forgets).toEqual([]);
        const place = { log: "log", partition: 3, offset: 7n };
        for (const [user, partition] of [
          ["ann", 3],
          ["bob", 4],
          ["dan", 3],
        ] as const) {
          const hash = saltedHash(salt, user);
          tombstones.set(hash, { hash, forgottenAt: 1, done: {}, place: { ...place, partition } });
        }
        const offsets = { "log/3": "7", "log/4": "8" };
        yield* Effect.provide(loadModel({ ...model, snapshot: { ...model.snapshot, offsets } }), layer);
        expect(forgets).toEqual([`${model.id} ann 3 8`]);

        const tables = yield* Tables;
        for (const { name } of [itemFollowers(model.id), itemPopularity(model.id)]) yield* tables.drop(name);
        yield* Effect.provide(loadModel(model), layer);
        expect(shape()).toEqual({ rank: 8, metric: "dot" });
        expect(Object.values(known())).toEqual(loaded.map(() => ({ followers: undefined, popularity: undefined })));
      }),
    { ALS_RANK: "8", ALS_ITERATIONS: "1", ALS_THREADS: "1", LEARNER: "ema" },
  ),
);

it.effect("recommends what the items file has or, without one, whatever somebody had to do with", () =>
  inFolder(
    (folder) =>
      Effect.gen(function* () {
        const { layer, loaded } = yield* makeStores;
        const rows = ["ann,old", "bob,old", "ann,new", "bob,7"];
        const events = yield* folder.write("events.csv", ["user,item", ...rows].join("\n"));
        const items = yield* folder.write("items.csv", "item,name\nnew,New\nunsold,Unsold\n");
        const run = (options: { readonly items?: string; readonly title?: string }) =>
          Effect.gen(function* () {
            yield* importEvents({ events, user: "user", item: "item", ...options });
            yield* preprocess;
            const model = yield* trainModel;
            yield* loadModel(model);
            return model;
          }).pipe(Effect.provide(layer));
        const shown = () =>
          Object.fromEntries(
            loaded.map(({ available, buyers, metadata: { article_id, prod_name } }) => [
              article_id,
              `${prod_name} ${available ? "available" : "gone"} ${buyers}`,
            ]),
          );

        const model = yield* run({ items, title: "name" });
        expect(model).toMatchObject({ numericUserIds: false, numericItemIds: true, items: 4 });
        expect(shown()).toEqual({
          new: "New available 1",
          unsold: "Unsold available 0",
          old: " gone 2",
          7: " gone 1",
        });
        yield* run({});
        // What was said of items stays said.
        expect(shown()).toEqual({
          new: "New available 1",
          unsold: "Unsold available 0",
          old: " available 2",
          7: " available 1",
        });
      }),
    { ALS_RANK: "8", ALS_ITERATIONS: "1", ALS_THREADS: "1", LEARNER: "ema" },
  ),
);
