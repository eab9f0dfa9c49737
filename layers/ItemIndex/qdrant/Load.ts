/**
 * Load: a model's items into a collection of their own, which takes the alias's name once it is complete.
 *
 * Upload without indexing, in parallel batches → payload indexes, which wait until all uploads are applied → count →
 * HNSW → green → alias. A load that fails or is interrupted removes its collection if it can; if it cannot, the next load
 * does. An item that comes twice counts as it came last.
 */
import type { QdrantClient, Schemas } from "@qdrant/js-client-rest";
import { Effect, Schedule, Stream } from "effect";
import type { AttributeMap } from "../../../src/domain/AttributeMap.ts";
import type { Metric } from "../../../src/domain/Model.ts";
import { backOff } from "../../../src/ports/BackOff.ts";
import { ItemIndexError, type ItemVector } from "../../../src/ports/ItemIndex.ts";
import { Qdrant, type QdrantError } from "../../engines/qdrant/Client.ts";
import { newCollection, removeOthers, replace, resolve } from "./Collections.ts";
import { ownIndexes } from "./Described.ts";
import { mapPoints } from "./MapPoints.ts";
import { indexedFields, pointOf } from "./Points.ts";

/** Points per upload, and how many uploads are under way. */
const uploadSize = 500;
const uploadsAtOnce = 4;
/** kB of vectors in a segment beyond which Qdrant builds a graph: its own default. 0 builds none. */
const indexingThreshold = 10_000;
/** Often at first: a small index is green at once. */
const pollEvery = backOff("20 millis", "1 second");

export interface Target {
  /** Names the collection when it is complete. */
  readonly alias: string;
  readonly rank: number;
  readonly metric: Metric;
  readonly attributes: AttributeMap | undefined;
}

const unavailable = (message: string): ItemIndexError => new ItemIndexError({ reason: "Unavailable", message });

export const wrongLength = (model: string, rank: number, what: string, length: number): ItemIndexError =>
  new ItemIndexError({
    reason: "Corrupt",
    message: `${what} has length ${length}, but the rank of model ${model} is ${rank}: vectors of two models must not be mixed.`,
  });

const checked =
  (model: string, rank: number) =>
  (item: ItemVector): Effect.Effect<void, ItemIndexError> =>
    item.vector.length === rank
      ? Effect.void
      : wrongLength(model, rank, `The vector of item ${item.itemIdx}`, item.vector.length);

const create = (collection: string, { rank, metric }: Target) =>
  Effect.flatMap(Qdrant, ({ enduring }) =>
    enduring((client) =>
      client.createCollection(collection, {
        vectors: { size: rank, distance: metric === "cosine" ? "Cosine" : "Dot" },
        optimizers_config: { indexing_threshold: 0 },
      }),
    ),
  ).pipe(
    // An earlier try whose answer was lost.
    Effect.catchIf(
      ({ reason }) => reason === "Exists",
      () => Effect.void,
    ),
  );

/** Answers the number of different items. */
const upload = <E, R>(
  model: string,
  collection: string,
  { rank, metric }: Target,
  items: Stream.Stream<ReadonlyArray<ItemVector>, E, R>,
) =>
  Effect.gen(function* () {
    const { enduring } = yield* Qdrant;
    const seen = new Set<number>();
    const repeated = new Map<number, ItemVector>();
    const isNew = (item: ItemVector): boolean => {
      if (seen.has(item.itemIdx)) {
        repeated.set(item.itemIdx, item);
        return false;
      }
      seen.add(item.itemIdx);
      return true;
    };
    const send = <E1, R1>(all: Stream.Stream<ItemVector, E1, R1>) =>
      all.pipe(
        Stream.grouped(uploadSize),
        Stream.mapEffect(
          (batch) => {
            const points = Array.from(batch, (item) => pointOf(item, metric));
            return enduring((client) => client.upsert(collection, { points, wait: false }));
          },
          { concurrency: uploadsAtOnce, unordered: true },
        ),
        Stream.runDrain,
      );
    yield* send(
      items.pipe(
        Stream.tap((batch) => Effect.forEach(batch, checked(model, rank), { discard: true })),
        Stream.flatMap(Stream.fromIterable),
        Stream.filter(isNew),
      ),
    );
    yield* send(Stream.fromIterable(repeated.values()));
    return seen.size;
  });

/** Answers the number of points that hold the attribute map. */
const uploadMap = (collection: string, { attributes, rank }: Target) =>
  Effect.gen(function* () {
    const { enduring } = yield* Qdrant;
    const points = attributes === undefined ? [] : mapPoints(attributes, rank);
    yield* Effect.forEach(
      points,
      (point) => enduring((client) => client.upsert(collection, { points: [point], wait: false })),
      { discard: true },
    );
    return points.length;
  });

/** An index is made in its turn, so that whatever was uploaded before is applied when it stands. */
const indexPayload = (collection: string) =>
  Effect.flatMap(Qdrant, ({ enduring }) =>
    Effect.forEach(
      [...indexedFields.map((field) => [field, "keyword"] as const), ...ownIndexes],
      ([field_name, field_schema]) =>
        enduring((client) => client.createPayloadIndex(collection, { field_name, field_schema, wait: true })),
      { discard: true },
    ),
  );

const checkCount = (collection: string, expected: number) =>
  Effect.gen(function* () {
    const { enduring } = yield* Qdrant;
    const { count } = yield* enduring((client) => client.count(collection, { exact: true }));
    if (count !== expected) {
      return yield* unavailable(
        `Qdrant kept ${count} of ${expected} items in ${collection}: see its log, then load again.`,
      );
    }
  });

const indexVectors = (collection: string) =>
  Effect.gen(function* () {
    const { enduring, patience } = yield* Qdrant;
    yield* enduring((client) =>
      client.updateCollection(collection, { optimizers_config: { indexing_threshold: indexingThreshold } }),
    );
    const { optimizer_status, status } = yield* enduring((client) => client.getCollection(collection)).pipe(
      Effect.repeat(
        Schedule.recurUntil((info: Schemas["CollectionInfo"]) => info.status === "green" || info.status === "red").pipe(
          Schedule.zipLeft(pollEvery),
        ),
      ),
      Effect.timeoutFail({
        duration: patience,
        onTimeout: () =>
          unavailable(
            `Qdrant has not finished the index of ${collection}: raise QDRANT_LOAD_PATIENCE, then load again.`,
          ),
      }),
    );
    if (status === "red") {
      return yield* unavailable(
        `Qdrant failed to index ${collection} (${JSON.stringify(optimizer_status)}): see its log, then load again.`,
      );
    }
  });

/** Loads `items` and answers how many there are. */
export const load = <E, R>(
  model: string,
  target: Target,
  items: Stream.Stream<ReadonlyArray<ItemVector>, E, R>,
): Effect.Effect<number, ItemIndexError | QdrantError | E, Qdrant | R> =>
  Effect.gen(function* () {
    const { enduring, use } = yield* Qdrant;
    const { alias } = target;
    const collection = newCollection(alias);
    const clear = (client: QdrantClient) =>
      resolve(client, alias).then((complete) => removeOthers(client, alias, complete));
    yield* enduring(clear);
    // Once the alias may name the collection, only the next load can tell whether it does.
    let complete = false;
    return yield* Effect.gen(function* () {
      yield* create(collection, target);
      const count = yield* upload(model, collection, target, items);
      const beside = yield* uploadMap(collection, target);
      yield* indexPayload(collection);
      yield* checkCount(collection, count + beside);
      yield* indexVectors(collection);
      complete = true;
      yield* enduring((client) => replace(client, alias, collection));
      yield* Effect.ignoreLogged(use(clear));
      return count;
    }).pipe(
      Effect.onError(() =>
        complete ? Effect.void : Effect.ignoreLogged(use((client) => client.deleteCollection(collection))),
      ),
    );
  });
