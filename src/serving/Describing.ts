/**
 * Describing: tells the item index, where it filters by itself, what the shop says of the items of the model that serves: all of it once,
 * then each change. Until it knows, it may find what the gate takes out; other sources fill that up.
 */
import { Effect, Layer, Stream } from "effect";
import { Catalogue } from "../ports/Catalogue.ts";
import { ItemIndex } from "../ports/ItemIndex.ts";
import { makeWaiting, patiently } from "../vitals/Waiting.ts";
import { ServingModel } from "./ServingModel.ts";

const follow = Effect.gen(function* () {
  const catalogue = yield* Catalogue;
  const index = yield* ItemIndex;
  if (!(yield* index.filters)) return;
  const { changes } = yield* ServingModel;
  const waiting = makeWaiting("api", "describes no items");

  const describe = (model: string) => {
    let known = 0;
    const all = Effect.suspend(() =>
      catalogue.changes(known).pipe(
        Stream.runForEach(({ items, number }) =>
          Effect.map(index.describe(model, items), () => {
            known = number;
          }),
        ),
      ),
    );
    return patiently(waiting, "describing", () => true, all);
  };

  // Stopped by the layer's scope; a newer model interrupts what is told of an older one.
  yield* changes.pipe(
    Stream.map((serving) => serving?.model),
    Stream.changes,
    Stream.flatMap((model) => (model === undefined ? Effect.void : describe(model)), { switch: true }),
    Stream.runDrain,
    Effect.forkScoped,
  );
});

export const layer = Layer.scopedDiscard(follow);
