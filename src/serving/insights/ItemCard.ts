/**
 * ItemCards: all that is known of one item: what the shop says of it, how popular it is, what follows it and what is near to it, how often
 * it was bought. Where the tables cannot be read just now, the last is not told.
 */
import { Context, Effect, Layer } from "effect";
import { LiveCatalogue } from "../../catalogue/LiveCatalogue.ts";
import type { Forgotten } from "../../ports/Forgotten.ts";
import { Popular } from "../../ports/Popular.ts";
import type { Sql } from "../../ports/Sql.ts";
import type { Tables } from "../../ports/Tables.ts";
import type { ServingError } from "../Errors.ts";
import { Items } from "../items/Items.ts";
import { knownItem, unknownItem } from "../lists/KnownItem.ts";
import { Lists } from "../lists/Lists.ts";
import { noFilters } from "../recommend/Query.ts";
import { Shared } from "../recommend/Shared.ts";
import { ServingModel } from "../ServingModel.ts";
import { byTakenTypes } from "../TakenTypes.ts";
import type { Bought, ItemCard } from "./CardSchema.ts";
import { type Purchases, purchaseDays, purchasesOf } from "./Purchases.ts";

/** Followers, and similar items, that are told. */
const neighbours = 10;

export interface ItemCardsService {
  /** JSON as it stands. */
  readonly card: (itemId: string) => Effect.Effect<ItemCard, ServingError>;
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

const told = ({ asOf, lastAt, purchases, purchasesEver, shoppers, shoppersEver }: Purchases): Bought => ({
  ...{ as_of: iso(asOf), days: purchaseDays, shoppers, purchases },
  ...{ shoppers_ever: shoppersEver, purchases_ever: purchasesEver, last_at: lastAt === null ? null : iso(lastAt) },
});

const make = Effect.gen(function* () {
  const context = yield* Effect.context<Tables | Sql | Forgotten>();
  const live = yield* LiveCatalogue;
  const servingModel = yield* ServingModel;
  const lists = yield* Lists;
  const items = yield* Items;
  const popular = yield* Popular;
  const { tick, trending } = yield* Shared;
  const typesFor = yield* byTakenTypes((types) => types);
  // A whole table may be read for one answer.
  const turns = Effect.unsafeMakeSemaphore(1);

  const bought = (itemId: string, now: number) =>
    Effect.gen(function* () {
      const newest = (yield* popular.get)?.asOf ?? 0;
      const types = typesFor(yield* servingModel.current);
      const found = yield* purchasesOf(itemId, types, newest, now / 1000);
      return found === undefined ? null : told(found);
    }).pipe(
      Effect.provide(context),
      turns.withPermits(1),
      Effect.catchAll((error) =>
        Effect.as(Effect.logWarning(`how often ${itemId} was bought could not be read: ${error.message}`), null),
      ),
    );

  const near = (list: "similar" | "boughtTogether", source: "similar" | "followers", item: string) =>
    Effect.map(
      lists[list]({ ...noFilters, user: null, item, k: neighbours, seen: "none", variants: 0 }),
      ({ recommendations }) =>
        recommendations.flatMap((one) =>
          one.source === source && one.metadata !== null
            ? [{ item_id: one.metadata.item_id, name: one.metadata.prod_name, score: one.score }]
            : [],
        ),
    );

  const card: ItemCardsService["card"] = (id) =>
    Effect.gen(function* () {
      const now = yield* tick;
      const serving = yield* servingModel.current;
      const known = knownItem(live, serving, id);
      if (known === undefined) return yield* unknownItem(id);
      const { itemId, itemIdx, row } = known;
      const [item = null] = yield* items.findAll([itemId]);
      const metadata = serving === undefined || row === undefined ? undefined : serving.catalogue.metadata(row);
      const popularity = serving === undefined ? undefined : (yield* trending.of(serving)).popularity;
      const [followers, similar, purchases] = yield* Effect.all([
        near("boughtTogether", "followers", itemId),
        near("similar", "similar", itemId),
        bought(itemId, now),
      ]);
      const isOpen = row === undefined ? live.isOpen(itemIdx, now) : serving?.catalogue.isOpen(row, now);
      return {
        ...{ item_id: itemId, item_idx: itemIdx, name: metadata?.prod_name || item?.title || itemId },
        ...{ for_sale: isOpen === true, item, model: serving?.model ?? null },
        is_new: row === undefined || serving?.catalogue.isNew[row] === 1,
        share:
          popularity === undefined ? null : row === undefined ? 0 : (popularity.scores[row] ?? 0) / popularity.total,
        ...{ followers, similar, bought: purchases },
      } satisfies ItemCard as ItemCard;
    });

  return { card } satisfies ItemCardsService;
});

export class ItemCards extends Context.Tag("slipstream/ItemCards")<ItemCards, ItemCardsService>() {
  static readonly layer = Layer.effect(ItemCards, make);
}
