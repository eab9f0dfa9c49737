/**
 * Listing: items by the words of their titles and by filters, in the order of their indices.
 *
 * A page goes by what this process knows at that moment, its items by what the catalogue says of them. Titles are made into an index of
 * words when they are first asked for, and kept in it from then on.
 */
import { Context, Effect, Either, Layer } from "effect";
import { fill } from "../../catalogue/filter/Fill.ts";
import { LiveCatalogue, type LiveCatalogueService } from "../../catalogue/LiveCatalogue.ts";
import { makeWords, type Words, wordsOf } from "../../catalogue/Words.ts";
import { askedFilter } from "../AskedFilter.ts";
import type { InvalidInput, NotNow } from "../Errors.ts";
import { encodeCursor } from "./Cursor.ts";
import type { ItemsPage } from "./ItemSchema.ts";
import { Items } from "./Items.ts";

export const defaultLimit = 50;
export const maxLimit = 200;

export interface ListQuery {
  /** Words of the title, the last one as a beginning. */
  readonly query: string | undefined;
  readonly filter: string | undefined;
  /** Index of the first item that is looked at. */
  readonly from: number;
  readonly limit: number;
}

export interface ListingService {
  readonly list: (query: ListQuery) => Effect.Effect<ItemsPage, InvalidInput | NotNow>;
}

/** Titles that are made words of at a time. */
const atOnce = 10_000;

/** Lets whatever waits in the event loop run. */
const breathe: Effect.Effect<void> = Effect.async((resume) => {
  const turn = setImmediate(() => resume(Effect.void));
  return Effect.sync(() => clearImmediate(turn));
});

const titleOf = ({ columns }: LiveCatalogueService, itemIdx: number): string | undefined => {
  const title = columns.valueOf("title", itemIdx);
  return typeof title === "string" ? title : undefined;
};

const everything = () => true;

const make = Effect.gen(function* () {
  const live = yield* LiveCatalogue;
  const { findAll } = yield* Items;
  const turns = Effect.unsafeMakeSemaphore(1);
  let words: Words | undefined;
  let making: Words | undefined;

  const stop = live.onChange((itemIdxs) => {
    if (words?.isStale()) words = undefined;
    for (const one of new Set([words, making])) {
      if (one !== undefined) for (const itemIdx of itemIdxs) one.put(itemIdx, titleOf(live, itemIdx));
    }
  });
  yield* Effect.addFinalizer(() => Effect.sync(stop));

  /** With all titles; what changes while it is made comes in as well. */
  const makeAll = Effect.gen(function* () {
    const made = makeWords();
    making = made;
    for (let from = 0; from < live.columns.size; from += atOnce) {
      const to = Math.min(live.columns.size, from + atOnce);
      for (let itemIdx = from; itemIdx < to; itemIdx++) made.put(itemIdx, titleOf(live, itemIdx));
      yield* breathe;
    }
    words = made;
    making = undefined;
    return made;
  });
  const allWords = Effect.suspend(() =>
    words === undefined
      ? turns.withPermits(1)(Effect.suspend(() => (words === undefined ? makeAll : Effect.succeed(words))))
      : Effect.succeed(words),
  );

  const matching = ({ query = "" }: ListQuery) =>
    wordsOf(query).length === 0
      ? Effect.succeed(everything)
      : Effect.map(allWords, (words) => words.matcherOf(query) ?? everything);

  const filtered = ({ filter = "" }: ListQuery): Effect.Effect<(itemIdx: number) => boolean, InvalidInput> => {
    if (filter.trim() === "") return Effect.succeed(everything);
    const where = askedFilter(filter, live.columns.seen);
    if (Either.isLeft(where)) return Effect.fail(where.left);
    const passes = new Uint8Array(live.columns.size);
    fill(where.right, live.columns, passes);
    return Effect.succeed((itemIdx) => passes[itemIdx] === 1);
  };

  /** The first indices from `query.from` on, one more than there is room for. */
  const found = Effect.fnUntraced(function* (query: ListQuery) {
    const hasWords = yield* matching(query);
    const passes = yield* filtered(query);
    const known = live.columns.booleans("available") ?? new Uint8Array(0);
    const itemIdxs: Array<number> = [];
    for (let itemIdx = query.from; itemIdx < live.columns.size && itemIdxs.length <= query.limit; itemIdx++) {
      if (known[itemIdx] !== 0 && passes(itemIdx) && hasWords(itemIdx)) itemIdxs.push(itemIdx);
    }
    return itemIdxs;
  });

  const list = Effect.fnUntraced(function* (query: ListQuery) {
    yield* live.current;
    const itemIdxs = yield* found(query);
    const more = itemIdxs[query.limit];
    const ids = itemIdxs.slice(0, query.limit).flatMap((itemIdx) => live.idOf(itemIdx) ?? []);
    const next_cursor = more === undefined ? null : encodeCursor(more);
    return { items: yield* findAll(ids), next_cursor };
  });

  return { list } satisfies ListingService;
});

export class Listing extends Context.Tag("slipstream/Listing")<Listing, ListingService>() {
  static readonly layer = Layer.scoped(Listing, make);
}
