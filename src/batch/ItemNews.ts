/**
 * ItemNews: whether the catalogue has what the newest model's items had not: items that came since, and such whose features
 * (domain/Features.ts) are others. Prices, stock and the like change what is shown at once, and nothing that is learnt: they are none.
 */
import { Effect, Stream } from "effect";
import { describedBy, shopItemsOf } from "../datasets/ShopItems.ts";
import { featuresOf } from "../domain/Features.ts";
import { fieldsOf } from "../domain/ItemRecord.ts";
import type { TrainingSnapshot } from "../domain/Model.ts";
import { Catalogue, type CatalogueError } from "../ports/Catalogue.ts";
import type { TableError, Tables } from "../ports/Tables.ts";

/** In any order the same. */
const told = (features: ReadonlyArray<string>): string => JSON.stringify([...features].sort());

/** By index, the features of items that changed since change `after`, and are known. */
const changedSince = (after: number) =>
  Effect.gen(function* () {
    const catalogue = yield* Catalogue;
    const changed = new Map<number, string>();
    yield* catalogue.changes(after).pipe(
      Stream.takeUntil(({ isLast }) => isLast),
      Stream.runForEach(({ items }) =>
        Effect.sync(() => {
          for (const { itemIdx, record } of items) {
            if (record === undefined || record.removed) changed.delete(itemIdx);
            else changed.set(itemIdx, told(featuresOf(fieldsOf(record))));
          }
        }),
      ),
    );
    return changed;
  });

const plural = (count: number, one: string, many: string): string => (count === 1 ? one : `${count} ${many}`);

/** In words; undefined where there is none, and where the snapshot, as those of before, tells of no items. */
export const itemNews = (
  snapshot: TrainingSnapshot,
  after: number,
): Effect.Effect<string | undefined, CatalogueError | TableError, Catalogue | Tables> =>
  Effect.gen(function* () {
    const known = shopItemsOf(snapshot);
    if (known === undefined) return undefined;
    const changed = yield* changedSince(after);
    if (changed.size === 0) return undefined;
    let others = 0;
    yield* Stream.runForEach(known, (rows) =>
      Effect.sync(() => {
        for (const item of rows) {
          const now = changed.get(item.itemIdx);
          if (now === undefined) continue;
          changed.delete(item.itemIdx);
          if (told(describedBy(item) ?? []) !== now) others++;
        }
      }),
    );
    if (changed.size > 0) return plural(changed.size, "an item is new", "items are new");
    return others === 0 ? undefined : plural(others, "an item has other attributes", "items have other attributes");
  });
