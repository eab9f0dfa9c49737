/**
 * Catalogue: the shop's items as they are now, whatever model serves: each item's lasting index and what the shop said of it.
 *
 * One for all processes. Indices are given without gaps and once: an item keeps its index for ever, also after it was taken away.
 * Each item has the number of its last change, which grows with each change of any item: who knows all up to a number asks for what
 * came since. Domain: `domain/ItemRecord.ts`.
 */
import { Context, Effect, Either, Schema, Stream } from "effect";
import { decodePage, type ItemPage, type StoredItem } from "../domain/ItemPage.ts";
import type { Fields, ItemRecord, Patch } from "../domain/ItemRecord.ts";

export type { StoredItem };

/**
 * What is said of an item. `at`: unix milliseconds; undefined: now, and later than all that was said of the item before.
 * Only a replacement makes an item known; see `change`.
 */
export type Word =
  | { readonly at?: number | undefined; readonly kind: "replace"; readonly fields: Fields }
  | { readonly at?: number | undefined; readonly kind: "remove" }
  | { readonly at?: number | undefined; readonly kind: "patch"; readonly fields: Patch["fields"] };

/**
 * Decided by the item as it is when the change's turn has come, whoever changed it meanwhile: `noRecord` where nothing was said of
 * it yet. Perhaps asked more than once, of which the last one counts. Undefined: nothing is said.
 */
export interface Decided {
  readonly kind: "decided";
  readonly decide: (before: ItemRecord) => Word | undefined;
}

/** A word about an item. */
export type ItemChange = { readonly itemId: string } & (Word | Decided);

export interface Changed {
  /** As they are now, oldest change first, each once. */
  readonly items: ReadonlyArray<StoredItem>;
  /** Who has this knows of all changes up to here. */
  readonly number: number;
  /** Whether nothing more was there when it was read. */
  readonly isLast: boolean;
  /**
   * True: the store is another one than it was, or has lost changes that were told. What was known before is void: with this page all
   * that it has begins anew.
   */
  readonly isAnew?: boolean;
}

/** As `Changed`, with items as they are stored; records are not looked at yet. */
export interface ChangedPage {
  readonly items: ItemPage;
  readonly number: number;
  readonly isLast: boolean;
  readonly isAnew?: boolean;
}

export interface CatalogueService {
  /**
   * Applies the changes in their order: all or none of them, durable when it returns. Answers each item as it is then;
   * undefined where a patch or a removal names one that has no index or was taken away, or nothing was decided: then that one changes
   * nothing. What leaves
   * an item as it is gives it no new number. All of a call are stored in one step, which holds others up: some thousand at a time.
   */
  readonly change: (
    changes: ReadonlyArray<ItemChange>,
  ) => Effect.Effect<ReadonlyArray<StoredItem | undefined>, CatalogueError>;
  /** In the order of the ids. */
  readonly find: (
    itemIds: ReadonlyArray<string>,
  ) => Effect.Effect<ReadonlyArray<StoredItem | undefined>, CatalogueError>;
  /** Their indices, the next ones for those that have none, in their order; durable when it returns. */
  readonly allot: (itemIds: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<number>, CatalogueError>;
  /**
   * Takes over items whose indices were given elsewhere: `itemIds[i]` has index `first + i`, and `records[i]`, where the item has
   * none yet. Those that it has already are left as they are; fails as `Conflict`, changing nothing, where one of the ids has another
   * index, one of the indices another id, or where there would be a gap. Some thousand at a time, as with `change`.
   */
  readonly adopt: (
    first: number,
    itemIds: ReadonlyArray<string>,
    records?: ReadonlyArray<ItemRecord | undefined>,
  ) => Effect.Effect<void, CatalogueError>;
  /** How many have an index: those below it are given. */
  readonly size: Effect.Effect<number, CatalogueError>;
  /** Ids by index, from index `first` on, up to those there are when it is asked. */
  readonly ids: (first: number) => Stream.Stream<ReadonlyArray<string>, CatalogueError>;
  /**
   * What changed since change `after` (0: all), at once, then what changes from then on: this process's own changes at once, those of
   * others well within a second. Never ends; fails where the store does, and may then be asked again. While the store has less than
   * this process was told before, `change` and `allot` fail as Unavailable until a page that is anew was taken.
   */
  readonly changes: (after: number) => Stream.Stream<Changed, CatalogueError>;
  /** As `changes`, for who takes in all items of a shop: whether a record can be decoded is for the reader to find out. */
  readonly pages: (after: number) => Stream.Stream<ChangedPage, CatalogueError>;
}

export class Catalogue extends Context.Tag("slipstream/Catalogue")<Catalogue, CatalogueService>() {}

/** Conflict: see `adopt`. Corrupt: what is stored cannot be read. */
export class CatalogueError extends Schema.TaggedError<CatalogueError>()("CatalogueError", {
  reason: Schema.Literal("Unavailable", "Conflict", "Corrupt"),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}

/** `item`: its id, or its index where that is all there is to tell of it. */
export const corrupt = (item: string | number): CatalogueError =>
  new CatalogueError({
    reason: "Corrupt",
    message: `what is stored of item ${typeof item === "string" ? JSON.stringify(item) : `number ${item}`} cannot be decoded: restore the store from a backup`,
  });

/** What `changes` promises, of `pages`. */
export const changesOf = (pages: Stream.Stream<ChangedPage, CatalogueError>): Stream.Stream<Changed, CatalogueError> =>
  Stream.mapEffect(pages, ({ items, ...page }) =>
    Either.match(decodePage(items), {
      onLeft: (itemId) => Effect.fail(corrupt(itemId)),
      onRight: (decoded) => Effect.succeed({ ...page, items: decoded }),
    }),
  );
