/** What becomes of listed items that nobody has had to do with, from the items file to the index. */
import { expect, it } from "@effect/vitest";
import { Effect, Layer, Logger, Stream } from "effect";
import { preprocess } from "../../src/batch/Preprocess.ts";
import type { AttributeMap } from "../../src/domain/AttributeMap.ts";
import { featuresOf } from "../../src/domain/Features.ts";
import { attributeMap, newItems } from "../../src/domain/ModelTables.ts";
import { importEvents } from "../../src/intake/ImportEvents.ts";
import { loadModel } from "../../src/models/Load.ts";
import { trainModel } from "../../src/models/Train.ts";
import { ItemIndex, type ItemVector } from "../../src/ports/ItemIndex.ts";
import { ModelRegistry } from "../../src/ports/ModelRegistry.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { placing } from "../../src/training/Attributes.ts";
import { inFolder } from "../support/Folder.ts";
import { memoryForgotten } from "../support/MemoryForgotten.ts";
import { MemoryRegistry } from "../support/Models.ts";

/** Some look at shirts, others at lamps. */
const events = ["user,item,time"];
for (let user = 0; user < 24; user++) {
  const kind = user % 2 === 0 ? "shirt" : "lamp";
  for (let n = 0; n < 4; n++) events.push(`u${user},${kind}${(user + n) % 6},${1_700_000_000 + 100 * user + n}`);
}
const learnt = Array.from({ length: 6 }, (_, n) => [`shirt${n},Slim shirt,Shirt`, `lamp${n},Tall lamp,Lamp`]).flat();
const unsold = ["shirt6,Wide SHIRT,", "lamp6,,Lamp", "tent,Blue tent,Tent"];

const cosine = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, f) => sum + value * b[f]!, 0) / Math.hypot(...a) / Math.hypot(...b);

it.effect("gives them the vector of their kind, and flags them; without the table they have none", () =>
  inFolder(
    (folder) =>
      Effect.gen(function* () {
        const loaded = new Map<string, ItemVector>();
        let map: AttributeMap | undefined;
        const told: Array<string> = [];
        const stores = Layer.mergeAll(
          Layer.succeed(ModelRegistry, new MemoryRegistry([]).service),
          Layer.mock(ItemIndex, {
            load: (_model, shape, items) =>
              Effect.map(Stream.runCollect(items), (batches) => {
                for (const item of [...batches].flat()) loaded.set(item.metadata.article_id, item);
                map = shape.attributes;
                return loaded.size;
              }),
          }),
          memoryForgotten(),
          Layer.mock(UserStates, { load: (_model, users) => Effect.as(Stream.runDrain(users), 0) }),
          Logger.replace(
            Logger.defaultLogger,
            Logger.make(({ message }) => void told.push(String(message))),
          ),
        );
        yield* importEvents({
          events: yield* folder.write("events.csv", events.join("\n")),
          items: yield* folder.write("items.csv", ["item,name,kind", ...learnt, ...unsold].join("\n")),
          user: "user",
          item: "item",
          timestamp: "time",
          title: "name",
          category: "kind",
        });
        yield* preprocess;
        const model = yield* Effect.provide(trainModel, stores);
        expect(told).toContain(
          "2 of the 3 listed items without interactions have a vector by their attributes; 1 have none that the others have, too",
        );
        yield* Effect.provide(loadModel(model), stores);
        const vectorOf = (id: string) => loaded.get(id)!.vector;
        const fresh = [...loaded].filter(([, { isNew }]) => isNew === true).map(([id]) => id);
        expect(fresh.toSorted()).toEqual(["lamp6", "shirt6"]);
        expect(cosine(vectorOf("shirt6"), vectorOf("shirt1"))).toBeGreaterThan(0.5);
        expect(cosine(vectorOf("shirt6"), vectorOf("lamp1"))).toBeLessThan(0.3);
        expect(cosine(vectorOf("lamp6"), vectorOf("lamp1"))).toBeGreaterThan(0.5);
        expect(loaded.get("tent")).toMatchObject({ isNew: false, available: true, vector: new Float32Array(8) });

        const described = { title: "Wide SHIRT", "attributes.price": 3, available: true };
        expect(placing(map!)(featuresOf(described))).toEqual(vectorOf("shirt6"));

        yield* (yield* Tables).drop(newItems(model.id).name);
        yield* (yield* Tables).drop(attributeMap(model.id).name);
        yield* Effect.provide(loadModel(model), stores);
        expect(map).toBeUndefined();
        for (const id of fresh) {
          expect(loaded.get(id)).toMatchObject({ isNew: false, available: true, vector: new Float32Array(8) });
        }
      }),
    { ALS_RANK: "8", ALS_ITERATIONS: "5", ALS_THREADS: "1" },
  ),
);
