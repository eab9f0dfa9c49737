/** What a training leaves that does not come to a model. */
import { spawnSync } from "node:child_process";
import { FileSystem } from "@effect/platform";
import { describe, expect, it } from "@effect/vitest";
import { Deferred, Effect, Fiber, Layer, Ref, Stream } from "effect";
import { preprocess } from "../../src/batch/Preprocess.ts";
import { importEvents } from "../../src/intake/ImportEvents.ts";
import { deleteModel } from "../../src/models/Delete.ts";
import { trainModel } from "../../src/models/Train.ts";
import { ItemIndex } from "../../src/ports/ItemIndex.ts";
import { emptyRegistry, ModelRegistry, ModelRegistryError } from "../../src/ports/ModelRegistry.ts";
import { TableError, Tables, type TablesService } from "../../src/ports/Tables.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { type Folder, inFolder } from "../support/Folder.ts";

const settings = { ALS_RANK: "8", ALS_ITERATIONS: "1" };

/** A shop that is ready to be learnt, and what is in its folder of models. */
const shop = (folder: Folder) =>
  Effect.gen(function* () {
    const events = yield* folder.write("events.csv", "user,item\nann,x\nbob,y\n");
    yield* importEvents({ events, user: "user", item: "item" });
    yield* preprocess;
    const state = yield* Ref.make(emptyRegistry);
    const registry = ModelRegistry.of({
      state: Ref.get(state),
      update: (change) => Ref.modify(state, change),
      changes: Stream.never,
    });
    const fs = yield* FileSystem.FileSystem;
    const left = Effect.orElseSucceed(fs.readDirectory(`${folder.dataDir}/delta/models`), () => []);
    return { registry, left, tables: yield* Tables };
  });

/** Tables that do `instead` where item factors are to be written. */
const at = (tables: TablesService, instead: Effect.Effect<never, TableError>): TablesService => ({
  ...tables,
  overwrite: (table, ...rest) => (table.endsWith("item_factors") ? instead : tables.overwrite(table, ...rest)),
});

describe("a training", () => {
  it.effect("that fails while it writes leaves nothing", () =>
    inFolder(
      (folder) =>
        Effect.gen(function* () {
          const { left, registry, tables } = yield* shop(folder);
          const full = new TableError({ reason: "Full", table: "models", message: "no space" });
          const error = yield* trainModel.pipe(
            Effect.provideService(Tables, at(tables, full)),
            Effect.provideService(ModelRegistry, registry),
            Effect.flip,
          );
          expect(error).toBe(full);
          expect(yield* left).toEqual([]);
        }),
      settings,
    ),
  );

  it.effect("that is interrupted while it writes leaves nothing", () =>
    inFolder(
      (folder) =>
        Effect.gen(function* () {
          const { left, registry, tables } = yield* shop(folder);
          const writing = yield* Deferred.make<void>();
          const hanging = Effect.zipRight(Deferred.succeed(writing, undefined), Effect.never);
          const fiber = yield* trainModel.pipe(
            Effect.provideService(Tables, at(tables, hanging)),
            Effect.provideService(ModelRegistry, registry),
            Effect.fork,
          );
          yield* Deferred.await(writing);
          expect(yield* left).toHaveLength(1);
          yield* Fiber.interrupt(fiber);
          expect(yield* left).toEqual([]);
        }),
      settings,
    ),
  );

  it.effect("never takes away what may be registered: not after a failure to say so, nor by an interruption", () =>
    inFolder(
      (folder) =>
        Effect.gen(function* () {
          const { left, registry } = yield* shop(folder);
          const lost = new ModelRegistryError({ operation: "update", message: "the answer was lost" });
          const failing = ModelRegistry.of({
            ...registry,
            update: (change) => Effect.zipRight(registry.update(change), lost),
          });
          yield* Effect.flip(Effect.provideService(trainModel, ModelRegistry, failing));
          const registering = yield* Deferred.make<void>();
          const slow = ModelRegistry.of({
            ...registry,
            update: (change) =>
              Deferred.succeed(registering, undefined).pipe(
                Effect.zipRight(Effect.sleep("20 millis")),
                Effect.zipRight(registry.update(change)),
              ),
          });
          const fiber = yield* Effect.fork(Effect.provideService(trainModel, ModelRegistry, slow));
          yield* Deferred.await(registering);
          yield* Fiber.interrupt(fiber);
          const ids = (yield* registry.state).models.map(({ id }) => id);
          expect(ids).toHaveLength(2);
          expect((yield* left).toSorted()).toEqual(ids);
        }),
      settings,
    ),
  );

  it.effect(
    "on a full disk leaves nothing, and works again with space; a model that is deleted leaves nothing either",
    () =>
      inFolder(
        (folder) =>
          Effect.gen(function* () {
            const { left, registry } = yield* shop(folder);
            const models = `${folder.dataDir}/delta/models`;
            const fs = yield* FileSystem.FileSystem;
            yield* fs.makeDirectory(models);
            const how = ["-t", "tmpfs", "-o", "size=12k", "tmpfs", models];
            if (spawnSync("mount", how, { stdio: "ignore" }).status !== 0)
              return console.warn("skipped: training on a full disk, which needs the right to mount one");
            const train = Effect.provideService(trainModel, ModelRegistry, registry);
            yield* Effect.gen(function* () {
              expect(yield* Effect.flip(train)).toMatchObject({ reason: "Full" });
              expect(yield* left).toEqual([]);
            }).pipe(Effect.ensuring(Effect.sync(() => spawnSync("umount", [models]))));
            const { id } = yield* train;
            expect(yield* left).toEqual([id]);
            yield* deleteModel(id).pipe(
              Effect.provideService(ModelRegistry, registry),
              Effect.provide(Layer.mock(UserStates, { drop: () => Effect.void })),
              Effect.provide(Layer.mock(ItemIndex, { drop: () => Effect.void })),
            );
            expect(yield* left).toEqual([]);
          }),
        settings,
      ),
  );
});
