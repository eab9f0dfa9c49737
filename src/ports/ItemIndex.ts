/** ItemIndex: the item vectors of each model, searchable by inner product under filters. */
import { Context, type Effect, Schema, type Stream } from "effect";
import type { Item, ItemMetadata } from "../domain/Item.ts";

export interface ItemVector extends Item {
  /** Length rank. All zeros for an item without interactions: known, never recommended by score. */
  readonly vector: Float32Array;
}

/** Every item of one model, in memory: what the updater learns from and answers are worded with. */
export interface Catalogue {
  readonly rank: number;
  /** Row r is item `itemIdx[r]`. */
  readonly itemIdx: Uint32Array;
  /** rows × rank, row-major. */
  readonly vectors: Float32Array;
  readonly metadata: ReadonlyArray<ItemMetadata>;
  /** By row, 1 or 0; see `Item`. */
  readonly available: Uint8Array;
  /** By row; see `Item`. */
  readonly buyers: Uint32Array;
  /** Shop's article id to row; undefined when unknown. */
  readonly rowOf: (articleId: string) => number | undefined;
  readonly rowOfIdx: (itemIdx: number) => number | undefined;
}

/** Names compare exactly as the shop wrote them. Empty lists do not filter. */
export interface ItemFilter {
  readonly productGroup?: string;
  readonly productType?: string;
  readonly excludeItems?: ReadonlySet<number>;
  readonly excludeGroups?: ReadonlyArray<string>;
  readonly excludeTypes?: ReadonlyArray<string>;
}

export interface Candidate {
  readonly itemIdx: number;
  /** Inner product of query and item; of their unit vectors where the index is set to cosine. */
  readonly score: number;
}

export interface ItemIndexService {
  /** Loads a model's items beside the others; starts over what an interrupted load left. */
  readonly load: <E, R>(
    model: string,
    rank: number,
    items: Stream.Stream<ReadonlyArray<ItemVector>, E, R>,
  ) => Effect.Effect<number, ItemIndexError | E, R>;
  readonly catalogue: (model: string) => Effect.Effect<Catalogue, ItemIndexError>;
  /** The best `k` available ones that pass the filter, best first; ties by smaller index. */
  readonly search: (
    model: string,
    query: Float32Array,
    k: number,
    filter: ItemFilter,
  ) => Effect.Effect<ReadonlyArray<Candidate>, ItemIndexError>;
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
