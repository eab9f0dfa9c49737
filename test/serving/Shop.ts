/** A shop small enough to reason about, behind ports whose failures and positions the test controls. */

import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect, Either, Layer, Option, SubscriptionRef } from "effect";
import { make as makeSql } from "../../layers/Sql/DuckDb.ts";
import * as MemoryTables from "../../layers/Tables/Memory.ts";
import type { AppliedLog } from "../../src/domain/AppliedLogs.ts";
import type { Event } from "../../src/domain/Event.ts";
import { decodeRecord } from "../../src/domain/EventCodec.ts";
import type { EventType } from "../../src/domain/EventTypes.ts";
import type { FollowerEvents } from "../../src/domain/FollowerCounts.ts";
import { noFollowers } from "../../src/domain/Followers.ts";
import { isForget } from "../../src/domain/Forget.ts";
import type { Tombstone } from "../../src/domain/Forgotten.ts";
import type { Learning } from "../../src/domain/Learning.ts";
import type { Model } from "../../src/domain/Model.ts";
import type { ItemTrends } from "../../src/domain/TrendLadder.ts";
import { emptyUserState, type UserState } from "../../src/domain/UserState.ts";
import { DeadLetters, type KeptLetter } from "../../src/ports/DeadLetters.ts";
import { EventLog, EventLogError, type LogRecord } from "../../src/ports/EventLog.ts";
import {
  type Candidate,
  ItemIndex,
  ItemIndexError,
  type ModelItems,
  type SearchItems,
} from "../../src/ports/ItemIndex.ts";
import { emptyRegistry, ModelRegistry, ModelRegistryError, type RegistryState } from "../../src/ports/ModelRegistry.ts";
import { Popular, PopularError, type PopularItems } from "../../src/ports/Popular.ts";
import { Sql } from "../../src/ports/Sql.ts";
import { noStoreFile, StoreFile } from "../../src/ports/StoreFile.ts";
import { type PartitionTrend, UserStates, UserStatesError } from "../../src/ports/UserStates.ts";
import { makeMemoryCatalogue } from "../support/MemoryCatalogue.ts";
import { memoryForgotten } from "../support/MemoryForgotten.ts";
import { MemoryLetters } from "../support/MemoryStores.ts";

export const partitions = 4;
export const rank = 8;
export const groups = ["Shoes", "Garment Upper body", "Accessories"];
export const types = ["Boots", "T-shirt", "Scarf", "Hat"];

/** Item i of model m: all names carry the model, so that a mixture of two shows. */
const catalogueOf = (model: string, items: number): ModelItems => {
  const metadata = Array.from({ length: items }, (_, i) => ({
    article_id: String(100_000_000 + i).padStart(10, "0"),
    prod_name: `${model} item ${i}`,
    product_type_name: types[i % types.length],
    product_group_name: groups[i % groups.length],
    graphical_appearance_name: "Solid",
    index_group_name: "Ladieswear",
  }));
  const rows = new Map(metadata.map(({ article_id }, row) => [article_id, row]));
  return {
    rank,
    itemIdx: Uint32Array.from({ length: items }, (_, i) => i),
    vectors: Float32Array.from({ length: items * rank }, (_, i) => Math.sin(i * 0.7 + model.length)),
    metadata,
    available: new Uint8Array(items).fill(1),
    isNew: new Uint8Array(items),
    buyers: new Uint32Array(items),
    followers: noFollowers(items),
    popularity: new Float32Array(items),
    rowOf: (articleId) => rows.get(articleId),
    rowOfIdx: (itemIdx) => (itemIdx < items ? itemIdx : undefined),
  };
};

const entry: Model = {
  id: "",
  createdAt: "2026-09-21T10:15:30Z",
  parameters: { rank, regularization: 0.01, alpha: 1, iterations: 10, seed: 42 },
  halfLifeSeconds: 86_400,
  metrics: {},
  snapshot: { tables: {}, offsets: {} },
  users: 0,
  items: 0,
  status: "live",
};

export const vectorOf = (user: number): Float32Array =>
  Float32Array.from({ length: rank }, (_, i) => Math.cos(user + i));

/** In memory, and the SQL engine on them; both begin with the first question. */
const tables = MemoryTables.layer;
const sqlEngine = Layer.succeed(
  Sql,
  makeSql({ threads: 1, memoryMiB: 128, spillFolder: join(tmpdir(), "slipstream-spill") }),
);

/** One shop; every member may be changed while a server runs on it. */
export const makeShop = (items = 60) =>
  Effect.gen(function* () {
    const registry = yield* SubscriptionRef.make<RegistryState>(emptyRegistry);
    const catalogues = new Map<string, ModelItems>();
    const users = new Map<string, UserState>();
    const loaded = new Map<number, string>();
    const positions = new Map<string, bigint>();
    const trends = new Map<number, PartitionTrend>();
    /** What the index was told of: models and ids. */
    const described: Array<readonly [model: string, itemId: string]> = [];
    const appended: Array<{ readonly key: string; readonly event: Event }> = [];
    const forgotten: Array<string> = [];
    const ends = Array.from({ length: partitions }, () => 0n);
    /** By partition, below which offset retention has removed all. */
    const starts = ends.map(() => 0n);
    /** By partition. */
    const inLog = ends.map((): Array<LogRecord> => []);
    const control = {
      down: new Set<"users" | "index" | "popular" | "log" | "registry">(),
      dies: false,
      letters: [] as ReadonlyArray<KeptLetter>,
      /** What states were told to forget. */
      forgets: [] as Array<string>,
      /** What the stream counted since the batch, in partition 0. */
      /** What the batch's events weigh, as the model was loaded with it. */
      itemTrends: undefined as ItemTrends | undefined,
      followed: [] as ReadonlyArray<FollowerEvents>,
      popular: undefined as PopularItems | undefined,
      /** What the index says instead of searching. */
      found: undefined as ReadonlyArray<Candidate> | undefined,
      /** Whether the index has its items in memory, and is not asked but called. */
      inMemory: false,
      /** Users whose states cannot be decoded. */
      damaged: new Set<string>(),
      /** Runs at the start of each read of user states. */
      beforeRead: Effect.void as Effect.Effect<void>,
      /** What the batch found of the ids, from the next `serve` on. */
      numericIds: { numericUserIds: false, numericItemIds: false } as Pick<Model, "numericUserIds" | "numericItemIds">,
      /** How a model learns and ranks, likewise. */
      learning: new Map<string, Learning>(),
      /** By model: the types of events that it was made by; the default ones where there is none. */
      eventTypes: new Map<string, ReadonlyArray<EventType>>(),
      /** What the batch tells of the popularity of items, from the next `serve` on; nothing: as a model of before. */
      counted: {} as Pick<Model, "popularityTotal" | "popularityAsOf">,
      /** The indices of each look-up of users' ids. */
      idReads: [] as Array<ReadonlyArray<number>>,
      /** Those whose events the models have applied. */
      logs: [{ identity: "shop", partitions }] as ReadonlyArray<AppliedLog>,
      /** What the archiver has committed. */
      archived: [] as ReadonlyArray<bigint | undefined>,
      /** Reads of positions and of the log's end. */
      positionReads: 0,
      endReads: 0,
      /** The embedded store's file. */
      compactedAt: undefined as number | undefined,
      /** How often it was asked to be compacted. */
      compactions: 0,
      /** Runs before the log tells its end. */
      beforeEnd: Effect.void as Effect.Effect<void>,
    };
    const up = <E>(name: "users" | "index" | "popular" | "log" | "registry", error: E) =>
      Effect.suspend(() => (control.down.has(name) ? Effect.fail(error) : Effect.void));
    const usersUp = (operation: "read" | "position" | "trend" | "userIdsOf") =>
      up("users", new UserStatesError({ operation, message: "the test says so" }));
    const unused = Effect.die("not part of this test");
    const readStates = (model: string, ids: ReadonlyArray<string>) =>
      Effect.suspend(() => (control.dies ? Effect.die(new Error("secret of the server")) : control.beforeRead)).pipe(
        Effect.zipRight(usersUp("read")),
        Effect.as(ids.map((id) => users.get(`${model}/${id}`))),
      );
    const searchIn =
      (model: string): SearchItems =>
      (query, k, { exclude, rows }) => {
        if (control.found !== undefined) return control.found;
        const catalogue = catalogues.get(model)!;
        const { isNew, itemIdx, vectors } = catalogue;
        const score = (row: number) => query.reduce((sum, q, f) => sum + q * vectors[row * rank + f], 0);
        return [...itemIdx]
          .filter(
            (itemIdx, row) =>
              rows[row] === 1 &&
              !exclude.has(itemIdx) &&
              isNew[row] === 0 &&
              vectors.subarray(row * rank, (row + 1) * rank).some((f) => f !== 0),
          )
          .map((idx) => ({ itemIdx: idx, score: score(idx) }))
          .sort((a, b) => b.score - a.score || a.itemIdx - b.itemIdx)
          .slice(0, k);
      };

    const catalogue = yield* makeMemoryCatalogue;
    const tombstones = new Map<string, Tombstone>();
    const letters = new MemoryLetters();
    /** Models whose states were dropped. */
    const dropped: Array<string> = [];
    const layer = Layer.mergeAll(
      memoryForgotten(tombstones),
      Layer.succeed(StoreFile, {
        ...noStoreFile,
        isEmbedded: true,
        compactedAt: Effect.sync(() => control.compactedAt),
        ask: Effect.sync(() => void control.compactions++),
      }),
      Layer.succeed(DeadLetters, {
        ...letters.service,
        list: (limit) => Effect.map(letters.service.list(limit), (own) => [...control.letters, ...own]),
      }),
      tables,
      sqlEngine,
      catalogue.layer,
      Layer.succeed(ModelRegistry, {
        state: Effect.zipRight(
          up("registry", new ModelRegistryError({ operation: "state", message: "the test says so" })),
          SubscriptionRef.get(registry),
        ),
        update: (change) => SubscriptionRef.modify(registry, change),
        changes: registry.changes,
      }),
      Layer.succeed(UserStates, {
        load: () => unused,
        write: () => unused,
        drop: (model) => Effect.sync(() => void dropped.push(model)),
        read: (model, ids) =>
          Effect.flatMap(readStates(model, ids), (states) =>
            ids.some((id) => control.damaged.has(id))
              ? new UserStatesError({ operation: "read", message: "the test says so" })
              : Effect.succeed(states),
          ),
        readPacked: (model, ids) =>
          Effect.map(readStates(model, ids), (states) =>
            states.map((state, i) => () => (control.damaged.has(ids[i]) ? "damaged" : state)),
          ),
        position: (model, partition) =>
          Effect.as(usersUp("position"), positions.get(`${model}/${partition}`)).pipe(
            Effect.map(() => {
              control.positionReads += 1;
              return positions.get(`${model}/${partition}`);
            }),
          ),
        trend: () => unused,
        trends: () =>
          Effect.zipRight(
            usersUp("trend"),
            Effect.sync(() => [...trends.values()]),
          ),
        itemTrends: () => Effect.sync(() => control.itemTrends),
        followers: (_, partition) =>
          Effect.sync(() => {
            const events = partition === 0 ? control.followed : [];
            return { next: events.length === 0 ? undefined : 1n, snapshot: undefined, events };
          }),
        logs: () => Effect.sync(() => control.logs),
        addLog: () => unused,
        forget: (model, userId, { next, slot }) =>
          Effect.sync(() => {
            control.forgets.push(`${model}/${userId} ${slot} ${next}`);
            users.delete(`${model}/${userId}`);
          }),
        userIdsOf: (_, indices) =>
          Effect.zipRight(
            usersUp("userIdsOf"),
            Effect.sync(() => {
              control.idReads.push([...indices]);
              return indices.map((userIdx) => loaded.get(userIdx));
            }),
          ),
      }),
      Layer.succeed(ItemIndex, {
        load: () => unused,
        serve: () => Effect.void,
        inMemory: (model) => Effect.sync(() => (control.inMemory ? searchIn(model) : undefined)),
        filters: Effect.succeed(true),
        describe: (model, items) =>
          Effect.sync(() => {
            for (const item of items) described.push([model, item.itemId]);
          }),
        drop: () => Effect.void,
        items: (model) =>
          Effect.suspend(() => {
            const catalogue = catalogues.get(model);
            return catalogue === undefined
              ? Effect.fail(new ItemIndexError({ reason: "UnknownModel", message: `there is no model ${model}` }))
              : Effect.succeed(catalogue);
          }),
        search: (model, query, k, within) =>
          Effect.zipRight(
            up("index", new ItemIndexError({ reason: "Unavailable", message: "the test says so" })),
            Effect.sync(() => searchIn(model)(query, k, within)),
          ),
      }),
      Layer.succeed(Popular, {
        put: () => unused,
        get: Effect.zipRight(
          up("popular", new PopularError({ operation: "get", message: "the test says so" })),
          Effect.sync(() => control.popular),
        ),
      }),
      Layer.succeed(EventLog, {
        identity: Effect.succeed("shop"),
        partitions: Effect.succeed(partitions),
        append: (records) =>
          Effect.zipRight(
            up("log", new EventLogError({ reason: "Unavailable", operation: "append", message: "the test says so" })),
            Effect.sync(() =>
              records.map(({ key, value }) => {
                const partition = key.length % partitions;
                const record = Either.getOrThrow(decodeRecord(value, "none"));
                if (isForget(record)) forgotten.push(record.userId);
                else appended.push({ key, event: record });
                const offset = ends[partition]++;
                inLog[partition].push({ offset, appendedAt: Date.now() / 1000, value });
                return { partition, offset };
              }),
            ),
          ),
        // What models are caught up by is done by others.
        subscribe: () => Effect.never,
        read: (partition, from, max) =>
          Effect.succeed(inLog[partition].filter(({ offset }) => offset >= from).slice(0, max)),
        startOffsets: Effect.sync(() => [...starts]),
        endOffsets: Effect.zipRight(
          up("log", new EventLogError({ reason: "Unavailable", operation: "endOffsets", message: "the test says so" })),
          Effect.suspend(() => {
            control.endReads += 1;
            return Effect.map(control.beforeEnd, () => [...ends]);
          }),
        ),
        committed: () => Effect.sync(() => control.archived),
      }),
    );

    return {
      layer,
      control,
      catalogue,
      described,
      appended,
      /** Whom the log was told to forget. */
      forgotten,
      tombstones,
      letters,
      dropped,
      /** Per partition, the offset that the log gives out next. */
      ends,
      starts,
      positions,
      trends,
      users,
      loaded,
      catalogues,
      /** A model with its items, and users "u0"… of index 0…, each with a taste, who looked at the item of their index. */
      addModel: (model: string, shoppers = 5) => {
        catalogues.set(model, catalogueOf(model, items));
        for (let user = 0; user < shoppers; user++) {
          loaded.set(user, `u${user}`);
          users.set(`${model}/u${user}`, {
            ...emptyUserState,
            vector: vectorOf(user),
            interactions: [{ itemIdx: user % items, type: 0, time: 0 }],
          });
        }
      },
      serve: (model: string | undefined) =>
        SubscriptionRef.set(registry, {
          models: [...catalogues.keys()].map((id) => {
            const learning = control.learning.get(id);
            const eventTypes = control.eventTypes.get(id);
            const snapshot = { ...entry.snapshot, ...(eventTypes && { eventTypes }) };
            return { ...entry, ...control.numericIds, ...control.counted, ...(learning && { learning }), id, snapshot };
          }),
          serving: Option.fromNullable(model),
        }),
    };
  });

export type Shop = Effect.Effect.Success<ReturnType<typeof makeShop>>;
