import { FileSystem } from "@effect/platform";
import { describe, expect, it } from "@effect/vitest";
import { Duration, Effect, Layer } from "effect";
import { deleteModel, pruneModels } from "../../src/models/Delete.ts";
import { sweepModels } from "../../src/models/Remains.ts";
import { ItemIndex } from "../../src/ports/ItemIndex.ts";
import { ModelRegistry } from "../../src/ports/ModelRegistry.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { UserStates, UserStatesError } from "../../src/ports/UserStates.ts";
import { inFolder } from "../support/Folder.ts";
import { MemoryRegistry, modelOf } from "../support/Models.ts";

/** Stores that note what is dropped, and the model's status then. */
const dropping = (registry: MemoryRegistry, dropped: Array<string>) => {
  const drop = (what: string) => (name: string) =>
    Effect.sync(() => void dropped.push(`${what} ${name}, ${Object.values(registry.statuses).join(" ")}`));
  return Layer.mergeAll(
    Layer.succeed(ModelRegistry, registry.service),
    Layer.mock(UserStates, { drop: drop("states") }),
    Layer.mock(ItemIndex, { drop: drop("items") }),
    Layer.mock(Tables, { drop: drop("table") }),
  );
};

describe("a model that is deleted", () => {
  it.effect("is out of sight before its data goes, and is forgotten last", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const registry = new MemoryRegistry([modelOf("a", { status: "live" })]);
        const dropped: Array<string> = [];
        yield* Effect.provide(deleteModel("a"), dropping(registry, dropped));
        expect(dropped).toEqual([
          "states a, retired",
          "items a, retired",
          "table models/a/user_factors, retired",
          "table models/a/item_factors, retired",
          "table models/a/followers, retired",
          "table models/a/item_popularity, retired",
          "table models/a/item_trends, retired",
          "table models/a/new_items, retired",
          "table models/a/attribute_map, retired",
        ]);
        expect(registry.state.models).toEqual([]);
      }),
    ),
  );

  it.effect("stays in the registry where a store fails, so that it can be deleted again", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const registry = new MemoryRegistry([modelOf("a")]);
        const away = new UserStatesError({ operation: "drop", message: "it is away" });
        const stores = dropping(registry, []);
        const failing = Layer.merge(stores, Layer.mock(UserStates, { drop: () => away }));
        expect(yield* Effect.flip(Effect.provide(deleteModel("a"), failing))).toBe(away);
        expect(registry.statuses).toEqual({ a: "retired" });
        yield* Effect.provide(deleteModel("a"), stores);
        expect(registry.statuses).toEqual({});
      }),
    ),
  );

  it.effect("is not the one that serves, nor an unknown one", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const registry = new MemoryRegistry([modelOf("a", { status: "live" })], "a");
        const dropped: Array<string> = [];
        const failure = (id: string) => Effect.flip(Effect.provide(deleteModel(id), dropping(registry, dropped)));
        expect(yield* failure("a")).toMatchObject({ reason: "Serving" });
        expect(yield* failure("b")).toMatchObject({ reason: "NotFound" });
        expect(dropped).toEqual([]);
        expect(registry.statuses).toEqual({ a: "live" });
      }),
    ),
  );

  it.effect("is one too many, by a batch: what serves or is live is spared", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const statuses = ["retired", "live", "trained", "retired", "trained"] as const;
        const models = statuses.map((status, i) => modelOf(`m${i}`, { status }));
        const registry = new MemoryRegistry(models, "m3");
        yield* Effect.provide(pruneModels(1), dropping(registry, []));
        expect(Object.keys(registry.statuses)).toEqual(["m1", "m3", "m4"]);
      }),
    ),
  );
});

it.effect("remains of trainings that were cut short are swept when they are old", () =>
  inFolder(({ dataDir }) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem;
      const folder = `${dataDir}/delta/models`;
      const registry = new MemoryRegistry([modelOf("known")]);
      const sweep = Effect.provideService(sweepModels(Duration.days(1)), ModelRegistry, registry.service);
      yield* sweep;
      const old = Date.now() / 1000 - 2 * 86_400;
      for (const [id, time] of [
        ["known", old],
        ["old", old],
        ["young", Date.now() / 1000],
      ] as const) {
        yield* fs.makeDirectory(`${folder}/${id}`, { recursive: true });
        yield* fs.utimes(`${folder}/${id}`, time, time);
      }
      yield* sweep;
      expect((yield* fs.readDirectory(folder)).toSorted()).toEqual(["known", "young"]);
    }),
  ),
);
