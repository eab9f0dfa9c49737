/**
 * ItemIndex in Qdrant: a collection per model, with its metadata as payload (qdrant/Points.ts, qdrant/Load.ts), and what the shop says of
 * its items now (qdrant/Described.ts). Items that are new since the model was loaded have no points: they have no vectors there.
 *
 * Scores are inner products. Of a model whose metric is cosine the vectors count by their direction only: Qdrant's score, which
 * is of two unit vectors, times the query's length. A model that names no metric has that of QDRANT_DISTANCE. The catalogue
 * gives the factors as they were loaded under both.
 * Models of up to QDRANT_EXACT_UP_TO items are searched exactly: the same answers as the embedded index, of at most
 * `maxResults` (src/kernels/TopK.ts) items. Larger ones are searched by HNSW: nearly the same.
 */
import type { Schemas } from "@qdrant/js-client-rest";
import { Clock, Effect, Layer } from "effect";
import type { Metric } from "../../src/domain/Model.ts";
import { maxResults } from "../../src/kernels/TopK.ts";
import { ItemIndex, ItemIndexError, type ItemIndexService, type ModelItems } from "../../src/ports/ItemIndex.ts";
import * as Client from "../engines/qdrant/Client.ts";
import { qdrant } from "../engines/qdrant/Settings.ts";
import { collectItems } from "./Items.ts";
import { makeModelItems } from "./ModelItems.ts";
import { aliasOf, copyAlias, removeAll, resolve } from "./qdrant/Collections.ts";
import { filterOf } from "./qdrant/Conditions.ts";
import { type Describable, writeDescriptions } from "./qdrant/Describe.ts";
import { load, wrongLength } from "./qdrant/Load.ts";
import { readItems } from "./qdrant/Read.ts";
import { eligibleOf, type Searchable, search as searchIn } from "./qdrant/Search.ts";

/** Models that are remembered: the one that serves, the one that comes next, and those one may switch back to. */
const keptModels = 4;

/** What a search must know of a model. */
interface Known extends Searchable, Describable {
  readonly rank: number;
  readonly metric: Metric;
  readonly exact: boolean;
}

const unknownModel = (model: string): ItemIndexError =>
  new ItemIndexError({
    reason: "UnknownModel",
    message: `No items of model ${model} are loaded in Qdrant; run \`batch load\`.`,
  });

const ofModel =
  (model: string) =>
  (error: Client.QdrantError): ItemIndexError =>
    error.reason === "Missing"
      ? unknownModel(model)
      : new ItemIndexError({
          reason: error.reason === "Refused" ? "Corrupt" : "Unavailable",
          message: error.message,
          cause: error,
        });

const vectorsOf = ({ params }: Schemas["CollectionConfig"]) => {
  const { distance, size } = params.vectors ?? {};
  const metric: Metric = distance === "Cosine" ? "cosine" : "dot";
  return typeof size === "number" ? { rank: size, metric } : undefined;
};

/** By row: neither new nor without a vector. */
const findableOf = ({ isNew, itemIdx, rank, vectors }: ModelItems): Uint8Array =>
  Uint8Array.from(itemIdx, (_, row) =>
    isNew[row] === 1 || vectors.subarray(row * rank, (row + 1) * rank).every((value) => value === 0) ? 0 : 1,
  );

const make = Effect.gen(function* () {
  const connection = yield* Client.Qdrant;
  const { patient, use } = connection;
  const collection = yield* qdrant.collection.config;
  const ownMetric = yield* qdrant.distance.config;
  const exactUpTo = yield* qdrant.exactUpTo.config;
  /** The one that was read last at the end. */
  const models = new Map<string, Known>();
  const forget = (model: string) => Effect.sync(() => models.delete(model));
  /** Its collection is gone, or other than it was; not where Qdrant is merely away. */
  const forgetChanged = (model: string) => (error: ItemIndexError | Client.QdrantError) =>
    error.reason === "Unavailable" ? Effect.void : forget(model);
  const remember = (model: string, known: Known): void => {
    models.delete(model);
    models.set(model, known);
    if (models.size > keptModels) models.delete(models.keys().next().value!);
  };

  const collectionOf = (model: string) =>
    use((client) => resolve(client, aliasOf(collection, model))).pipe(
      Effect.mapError(ofModel(model)),
      Effect.flatMap((name) => (name === undefined ? unknownModel(model) : Effect.succeed(name))),
    );

  const readShape = (model: string) =>
    Effect.gen(function* () {
      const name = yield* collectionOf(model);
      const { config, points_count } = yield* use((client) => client.getCollection(name));
      const vectors = vectorsOf(config);
      if (vectors === undefined) {
        return yield* new ItemIndexError({
          reason: "Corrupt",
          message: `The collection ${name} in Qdrant has no unnamed vector; load model ${model} again.`,
        });
      }
      return { name, ...vectors, exact: (points_count ?? 0) <= exactUpTo };
    });

  const modelItems: ItemIndexService["items"] = (model) =>
    Effect.gen(function* () {
      const shape = yield* readShape(model);
      const read = yield* readItems(model, shape).pipe(Effect.provideService(Client.Qdrant, connection));
      const items = makeModelItems(collectItems({ ...shape, attributes: read.attributes }, read.items));
      const { itemIdx, rowOfIdx } = items;
      remember(model, { ...shape, itemIdx, rowOfIdx, findable: findableOf(items), indexed: new Set() });
      return items;
    }).pipe(
      // A load of the same model has just replaced the collection.
      Effect.retry({ times: 2, while: (error) => error._tag === "QdrantError" && error.reason === "Missing" }),
      Effect.catchTag("QdrantError", (error) => ofModel(model)(error)),
    );

  const knownOf = (model: string): Effect.Effect<Known, ItemIndexError> =>
    Effect.suspend(() => {
      const known = models.get(model);
      return known === undefined ? Effect.zipRight(modelItems(model), knownOf(model)) : Effect.succeed(known);
    });

  /** As a model of that rank, if the model may have been loaded anew. */
  const knownFor = (model: string, rank: number): Effect.Effect<Known, ItemIndexError> =>
    Effect.flatMap(knownOf(model), (known) =>
      known.rank === rank ? Effect.succeed(known) : Effect.zipRight(modelItems(model), knownOf(model)),
    );

  const search: ItemIndexService["search"] = (model, query, k, within) =>
    Effect.gen(function* () {
      const known = yield* knownFor(model, query.length);
      if (query.length !== known.rank) return yield* wrongLength(model, known.rank, "The query", query.length);
      const now = yield* Clock.currentTimeMillis;
      const { exact, metric, name } = known;
      const length = metric === "cosine" ? Math.hypot(...query) : 1;
      const wanted = {
        vector: Array.from(query),
        k: Math.max(0, Math.min(Math.floor(k), maxResults)),
        exact,
        filter: filterOf(within.where, within.exclude, now),
        eligible: eligibleOf(known, within),
      };
      return yield* use((client) => searchIn(client, name, wanted)).pipe(
        Effect.map((found) =>
          length === 1 ? found : found.map(({ itemIdx, score }) => ({ itemIdx, score: Math.fround(score * length) })),
        ),
      );
    }).pipe(
      Effect.tapError(forgetChanged(model)),
      // The model was loaded anew, into another collection.
      Effect.retry({ times: 1, while: (error) => error._tag === "QdrantError" && error.reason === "Missing" }),
      Effect.catchTag("QdrantError", (error) => ofModel(model)(error)),
    );

  const describe: ItemIndexService["describe"] = (model, items) =>
    Effect.flatMap(knownOf(model), (known) =>
      writeDescriptions(known, items).pipe(
        Effect.provideService(Client.Qdrant, connection),
        Effect.tapError(forgetChanged(model)),
        Effect.mapError(ofModel(model)),
      ),
    );

  return {
    load: (model, { attributes, metric = ownMetric, rank }, items) =>
      load(model, { alias: aliasOf(collection, model), rank, metric, attributes }, items).pipe(
        Effect.provideService(Client.Qdrant, connection),
        Effect.catchIf(
          (error) => error instanceof Client.QdrantError,
          (error) => (error.reason === "Missing" ? replaced(model, error) : ofModel(model)(error)),
        ),
        Effect.zipLeft(forget(model)),
      ),
    items: modelItems,
    search,
    inMemory: () => Effect.succeed(undefined),
    filters: Effect.succeed(true),
    describe,
    serve: (model) =>
      use((client) => copyAlias(client, aliasOf(collection, model), collection)).pipe(
        Effect.mapError(ofModel(model)),
        Effect.flatMap((known) => (known ? Effect.void : unknownModel(model))),
      ),
    drop: (model) =>
      patient((client) => removeAll(client, aliasOf(collection, model))).pipe(
        Effect.mapError(ofModel(model)),
        Effect.zipRight(forget(model)),
        Effect.asVoid,
      ),
  } satisfies ItemIndexService;
});

const replaced = (model: string, cause: Client.QdrantError): ItemIndexError =>
  new ItemIndexError({
    reason: "Unavailable",
    message: `The collection of model ${model} vanished during the load: another load of it began.`,
    cause,
  });

/** Over a connection to Qdrant. */
export const layerOver = Layer.effect(ItemIndex, make);

/** At QDRANT_URL. */
export const layer = Layer.provide(layerOver, Client.layer);
