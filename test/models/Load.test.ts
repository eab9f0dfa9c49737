import { expect, it } from "@effect/vitest";
import { Effect, Layer, Stream, SubscriptionRef } from "effect";
import { preprocess } from "../../src/batch/Preprocess.ts";
import { importEvents } from "../../src/intake/ImportEvents.ts";
import { loadModel } from "../../src/models/Load.ts";
import { trainModel } from "../../src/models/Train.ts";
import { ItemIndex, type ItemVector } from "../../src/ports/ItemIndex.ts";
import { emptyRegistry, ModelRegistry } from "../../src/ports/ModelRegistry.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { inFolder } from "../support/Folder.ts";

const unused = () => Effect.die("not part of this test");

/** Stores that keep what is loaded, and a registry. */
const makeStores = Effect.gen(function* () {
  const registry = yield* SubscriptionRef.make(emptyRegistry);
  const loaded: Array<ItemVector> = [];
  const layer = Layer.mergeAll(
    Layer.succeed(ModelRegistry, {
      state: SubscriptionRef.get(registry),
      update: (change) => SubscriptionRef.modify(registry, change),
      changes: registry.changes,
    }),
    Layer.succeed(ItemIndex, {
      load: (_model, _rank, items) =>
        Effect.map(Stream.runCollect(items), (batches) => {
          loaded.splice(0, loaded.length, ...[...batches].flat());
          return loaded.length;
        }),
      catalogue: unused,
      search: unused,
      serve: unused,
      drop: unused,
    }),
    Layer.mock(UserStates, { load: (_model, users) => Effect.as(Stream.runDrain(users), 0) }),
  );
  return { layer, loaded };
});

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
        expect(shown()).toEqual({
          new: " available 1",
          unsold: " gone 0",
          old: " available 2",
          7: " available 1",
        });
      }),
    { ALS_RANK: "8", ALS_ITERATIONS: "1", ALS_THREADS: "1" },
  ),
);
