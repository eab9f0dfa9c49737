/**
 * ItemIndex in Qdrant: a collection per model, with its metadata as payload (qdrant/Points.ts, qdrant/Load.ts).
 *
 * Scores are inner products. Of a model whose metric is cosine the vectors count by their direction only: Qdrant's score, which
 * is of two unit vectors, times the query's length. A model that names no metric has that of QDRANT_DISTANCE. The catalogue
 * gives the factors as they were loaded under both.
 * Models of up to QDRANT_EXACT_UP_TO items are searched exactly: the same answers as the embedded index, of at most
 * `maxResults` (src/kernels/TopK.ts) items. Larger ones are searched by HNSW: nearly the same.
 */
import type { QdrantClient, Schemas } from "@qdrant/js-client-rest";
import { Effect, Layer } from "effect";
import type { Metric } from "../../src/domain/Model.ts";
import { maxResults } from "../../src/kernels/TopK.ts";
import {
  type Candidate,
  ItemIndex,
  ItemIndexError,
  type ItemIndexService,
  type ItemVector,
} from "../../src/ports/ItemIndex.ts";
import * as Client from "../engines/qdrant/Client.ts";
import { qdrant } from "../engines/qdrant/Settings.ts";
import { collectItems } from "./Items.ts";
import { makeModelItems } from "./ModelItems.ts";
import { aliasOf, copyAlias, removeAll, resolve } from "./qdrant/Collections.ts";
import { load, wrongLength } from "./qdrant/Load.ts";
import { gatherMap } from "./qdrant/MapPoints.ts";
import { filterOf, itemOf } from "./qdrant/Points.ts";

/** Points per page of a catalogue. */
const pageSize = 1000;
/** Most points asked for to order a tie at the end of an answer; a longer tie is cut as Qdrant orders it. */
const longestTie = 10_000;

/** What a search must know of a model. */
interface Shape {
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

const betterFirst = (a: Candidate, b: Candidate): number => b.score - a.score || a.itemIdx - b.itemIdx;

const vectorsOf = ({ params }: Schemas["CollectionConfig"]) => {
  const { distance, size } = params.vectors ?? {};
  const metric: Metric = distance === "Cosine" ? "cosine" : "dot";
  return typeof size === "number" ? { rank: size, metric } : undefined;
};

/** Any `k` best points where scores differ; where they tie at the end, enough of the tie to choose by index. */
const bestOf = async (
  client: QdrantClient,
  alias: string,
  request: { readonly query: Array<number>; readonly filter: Schemas["Filter"]; readonly exact: boolean },
  k: number,
): Promise<ReadonlyArray<Candidate>> => {
  const { exact, filter, query } = request;
  for (let limit = k + 1; ; limit = Math.min(longestTie, 8 * limit)) {
    const { points } = await client.query(alias, { query, filter, limit, params: { exact }, with_payload: false });
    const found = points.map(({ id, score }) => ({ itemIdx: Number(id), score: Math.fround(score) }));
    found.sort(betterFirst);
    const cut = found.length === limit && k > 0 && found[k - 1]?.score === found[limit - 1]?.score;
    if (!cut || limit >= longestTie) return found.slice(0, k);
  }
};

/** A query of zeros ties everything: the first `k` by index. */
const firstOf = async (
  client: QdrantClient,
  alias: string,
  filter: Schemas["Filter"],
  k: number,
): Promise<ReadonlyArray<Candidate>> => {
  const { points } = await client.scroll(alias, { filter, limit: Math.max(1, k), with_payload: false });
  return points.slice(0, k).map(({ id }) => ({ itemIdx: Number(id), score: 0 }));
};

const make = Effect.gen(function* () {
  const connection = yield* Client.Qdrant;
  const { patient, use } = connection;
  const collection = yield* qdrant.collection.config;
  const ownMetric = yield* qdrant.distance.config;
  const exactUpTo = yield* qdrant.exactUpTo.config;
  const shapes = new Map<string, Shape>();
  const forget = (model: string) => Effect.sync(() => shapes.delete(model));

  const collectionOf = (model: string) =>
    use((client) => resolve(client, aliasOf(collection, model))).pipe(
      Effect.mapError(ofModel(model)),
      Effect.flatMap((name) => (name === undefined ? unknownModel(model) : Effect.succeed(name))),
    );

  const readShape = (model: string): Effect.Effect<Shape, ItemIndexError> =>
    Effect.gen(function* () {
      const name = yield* collectionOf(model);
      const { config, points_count } = yield* use((client) => client.getCollection(name)).pipe(
        Effect.mapError(ofModel(model)),
      );
      const vectors = vectorsOf(config);
      if (vectors === undefined) {
        return yield* new ItemIndexError({
          reason: "Corrupt",
          message: `The collection ${name} in Qdrant has no unnamed vector; load model ${model} again.`,
        });
      }
      const shape = { ...vectors, exact: (points_count ?? 0) <= exactUpTo };
      shapes.set(model, shape);
      return shape;
    });

  const shapeOf = (model: string): Effect.Effect<Shape, ItemIndexError> =>
    Effect.suspend(() => {
      const known = shapes.get(model);
      return known === undefined ? readShape(model) : Effect.succeed(known);
    });

  const search: ItemIndexService["search"] = (model, query, k, within) =>
    Effect.gen(function* () {
      const known = yield* shapeOf(model);
      const { exact, metric, rank } = known.rank === query.length ? known : yield* readShape(model);
      if (query.length !== rank) return yield* wrongLength(model, rank, "The query", query.length);
      const alias = aliasOf(collection, model);
      const wanted = Math.max(0, Math.min(Math.floor(k), maxResults));
      const passing = filterOf(within);
      const length = metric === "cosine" ? Math.hypot(...query) : 1;
      return yield* use((client) =>
        query.every((value) => value === 0)
          ? firstOf(client, alias, passing, wanted)
          : bestOf(client, alias, { query: Array.from(query), filter: passing, exact }, wanted),
      ).pipe(
        Effect.map((found) =>
          length === 1 ? found : found.map(({ itemIdx, score }) => ({ itemIdx, score: Math.fround(score * length) })),
        ),
        Effect.tapError(() => forget(model)),
        Effect.mapError(ofModel(model)),
      );
    });

  /** All items of a collection and its attribute map, page by page. */
  const itemsOf = (model: string, name: string, rank: number) =>
    Effect.gen(function* () {
      const items: Array<ItemVector> = [];
      const map = gatherMap(rank);
      let offset: Schemas["ExtendedPointId"] | undefined;
      do {
        const page = yield* patient((client) =>
          client.scroll(name, {
            limit: pageSize,
            with_payload: true,
            with_vector: true,
            ...(offset === undefined ? {} : { offset }),
          }),
        );
        for (const point of page.points) {
          if (map.take(point)) continue;
          const item = itemOf(point, rank);
          if (item === undefined) {
            return yield* new ItemIndexError({
              reason: "Corrupt",
              message: `Point ${point.id} of ${name} in Qdrant is no item of rank ${rank}; load model ${model} again.`,
            });
          }
          items.push(item);
        }
        const next = page.next_page_offset;
        offset = typeof next === "number" || typeof next === "string" ? next : undefined;
      } while (offset !== undefined);
      return { items, attributes: map.gathered() };
    });

  const modelItems: ItemIndexService["items"] = (model) =>
    Effect.gen(function* () {
      const name = yield* collectionOf(model);
      const shape = yield* readShape(model);
      const { attributes, items } = yield* itemsOf(model, name, shape.rank);
      return makeModelItems(collectItems({ ...shape, attributes }, items));
    }).pipe(
      // A load of the same model has just replaced the collection.
      Effect.retry({ times: 2, while: (error) => error._tag === "QdrantError" && error.reason === "Missing" }),
      Effect.catchTag("QdrantError", (error) => ofModel(model)(error)),
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
