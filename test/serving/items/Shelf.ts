/** The programs behind /items over a catalogue in memory, in a shop whose article ids have leading zeros. */
import { Effect, Layer } from "effect";
import { LiveCatalogue } from "../../../src/catalogue/LiveCatalogue.ts";
import { Items } from "../../../src/serving/items/Items.ts";
import { Listing } from "../../../src/serving/items/Listing.ts";
import { type Serving, ServingModel } from "../../../src/serving/ServingModel.ts";
import { makeVitals, Vitals } from "../../../src/vitals/Vitals.ts";
import { type MemoryCatalogue, makeMemoryCatalogue } from "../../support/MemoryCatalogue.ts";

/** The serving model knows this one alone. */
export const known = "0108775015";

// Of a serving model the programs ask no more.
const serving = { itemIdOf: (id: string) => (id === "108775015" ? known : id) } as Serving;

export const onShelf = <A, E>(
  use: (catalogue: MemoryCatalogue) => Effect.Effect<A, E, Items | Listing | LiveCatalogue | Vitals>,
) =>
  Effect.gen(function* () {
    const catalogue = yield* makeMemoryCatalogue;
    const programs = Listing.layer.pipe(
      Layer.provideMerge(Items.layer),
      Layer.provideMerge(LiveCatalogue.layer),
      Layer.provide(Layer.mock(ServingModel, { current: Effect.succeed(serving) })),
      Layer.provide(catalogue.layer),
      Layer.provideMerge(Layer.sync(Vitals, makeVitals)),
    );
    return yield* Effect.provide(
      Effect.zipRight(
        Effect.flatMap(LiveCatalogue, ({ whenReady }) => whenReady),
        use(catalogue),
      ),
      programs,
    );
  });
