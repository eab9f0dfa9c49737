/**
 * ItemIndex: the items of each model: their vectors, searchable by inner product or cosine among some of them, and what else the
 * model knows of them.
 */
import { Context, type Effect, Schema, type Stream } from "effect";
import type { AttributeMap } from "../domain/AttributeMap.ts";
import type { Best, Followers } from "../domain/Followers.ts";
import type { Item, ItemMetadata } from "../domain/Item.ts";
import type { ItemLookup } from "../domain/ItemSet.ts";
import type { Metric } from "../domain/Model.ts";
import type { Where } from "../domain/Where.ts";
import type { StoredItem } from "./Catalogue.ts";

/** An item's best followers, and its total; see `Followers`. */
export interface ItemFollowers extends Best {
  readonly total: number;
}

export interface ItemVector extends Item {
  /** Length rank. All zeros for an item of which nothing is known: never recommended by score. */
  readonly vector: Float32Array;
  /** Available and without interactions: the vector is of what the item is, and searches leave it out. Absent: it is not. */
  readonly isNew?: boolean;
  /** Absent where the model has none of it. */
  readonly followers?: ItemFollowers;
  /** Its decaying share of all events. Absent for all items of a model that has none: then it is their share of `buyers`. */
  readonly popularity?: number;
}

/** What a load must know of its model. */
export interface ModelShape {
  readonly rank: number;
  /** Undefined: the index's own, which is dot unless it is set otherwise. */
  readonly metric?: Metric | undefined;
  /** Kept beside its items, and given back with them. Undefined: it has none. */
  readonly attributes?: AttributeMap | undefined;
}

/** Every item of one model, in memory: what the updater learns from and answers are worded with. */
export interface ModelItems {
  readonly rank: number;
  /** Row r is item `itemIdx[r]`. */
  readonly itemIdx: Uint32Array;
  /** rows × rank, row-major, as they were loaded, whatever the metric. */
  readonly vectors: Float32Array;
  readonly metadata: ReadonlyArray<ItemMetadata>;
  /** By row, 1 or 0; see `Item`. */
  readonly available: Uint8Array;
  /** By row, 1 or 0; see `ItemVector`. */
  readonly isNew: Uint8Array;
  /** By row; see `Item`. */
  readonly buyers: Uint32Array;
  readonly followers: Followers;
  /** By row: share of all events, from 0 to 1; see `ItemVector`. */
  readonly popularity: Float32Array;
  /** What searching them takes of this process's memory besides; absent where they are searched elsewhere. */
  readonly searchBytes?: number;
  /** By which items lie that it does not know; undefined where it has none, as models of before. */
  readonly attributes?: AttributeMap | undefined;
  /** Shop's article id to row; undefined when unknown. */
  readonly rowOf: (articleId: string) => number | undefined;
  readonly rowOfIdx: (itemIdx: number) => number | undefined;
}

/**
 * Among which items is searched, said twice: by row, for an index that has its items in memory, and as a condition, for one that keeps
 * their attributes elsewhere and may be behind: whoever asks it looks at `rows` again.
 */
export interface Within {
  /** By row of the model's items: 1 where the item is for sale now and as `where` says; rows behind its end are as 0. */
  readonly rows: Uint8Array;
  /** Undefined: every item is so. */
  readonly where: Where | undefined;
  /** Item indices that are left out besides. */
  readonly exclude: ItemLookup;
  /** Of a model by cosine, items that score no more may be left out. */
  readonly leastCosine?: number;
}

export interface Candidate {
  readonly itemIdx: number;
  /** Inner product of query and item; under cosine of the query and the item's vector at length 1. */
  readonly score: number;
}

/** The best `k` of those within, best first; ties by smaller index. Never one that the model calls new or whose vector is zero. */
export type SearchItems = (query: Float32Array, k: number, within: Within) => ReadonlyArray<Candidate>;

export interface ItemIndexService {
  /** Loads a model's items beside the others; starts over what an interrupted load left. */
  readonly load: <E, R>(
    model: string,
    shape: ModelShape,
    items: Stream.Stream<ReadonlyArray<ItemVector>, E, R>,
  ) => Effect.Effect<number, ItemIndexError | E, R>;
  readonly items: (model: string) => Effect.Effect<ModelItems, ItemIndexError>;
  /** See `SearchItems`. */
  readonly search: (
    model: string,
    query: Float32Array,
    k: number,
    within: Within,
  ) => Effect.Effect<ReadonlyArray<Candidate>, ItemIndexError>;
  /**
   * The same as a plain function, for queries of the model's rank, where its items are in the memory of this process; undefined where
   * they are elsewhere.
   */
  readonly inMemory: (model: string) => Effect.Effect<SearchItems | undefined, ItemIndexError>;
  /** Whether it goes by what `describe` tells it; else it goes by `rows` alone. */
  readonly filters: Effect.Effect<boolean>;
  /** Tells the index, where it keeps any of it, what the shop says of these items now; those that the model lacks are passed over. */
  readonly describe: (model: string, items: ReadonlyArray<StoredItem>) => Effect.Effect<void, ItemIndexError>;
  /** Tells readers outside, where the index has any, which loaded model serves. Searches name their model anyway. */
  readonly serve: (model: string) => Effect.Effect<void, ItemIndexError>;
  readonly drop: (model: string) => Effect.Effect<void, ItemIndexError>;
}

export class ItemIndex extends Context.Tag("slipstream/ItemIndex")<ItemIndex, ItemIndexService>() {}

export class ItemIndexError extends Schema.TaggedError<ItemIndexError>()("ItemIndexError", {
  reason: Schema.Literal("UnknownModel", "Unavailable", "Corrupt"),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}
