/**
 * Catalogued: indices of items that a model does not know and the shop's catalogue does: what came after the model was made. An
 * index is given for ever, so those that were found are remembered; that an item has none is asked anew each time.
 */
import { Effect } from "effect";
import type { LearningItems } from "../learning/ApplyEvent.ts";
import type { CatalogueError, CatalogueService } from "../ports/Catalogue.ts";

/** Indices remembered at most. */
const mostRemembered = 100_000;

export const makeCatalogued = (
  { rowOf, rowOfIdx }: Pick<LearningItems, "rowOf" | "rowOfIdx">,
  find: CatalogueService["find"] | undefined,
): ((itemIds: ReadonlyArray<string>) => Effect.Effect<ReadonlyMap<string, number>, CatalogueError>) => {
  const known = new Map<string, number>();
  let warned = false;

  /** Another item's index in the model: they were not numbered by the same catalogue. */
  const isForeign = (itemIdx: number): boolean => rowOfIdx(itemIdx) !== undefined;

  return (itemIds) =>
    Effect.gen(function* () {
      const indices = new Map<string, number>();
      const asked = new Set<string>();
      for (const itemId of itemIds) {
        const itemIdx = known.get(itemId);
        if (itemIdx !== undefined) indices.set(itemId, itemIdx);
        else if (rowOf(itemId) === undefined) asked.add(itemId);
      }
      if (asked.size === 0 || find === undefined) return indices;
      const found = yield* find([...asked]);
      if (known.size + asked.size > mostRemembered) known.clear();
      for (const item of found) {
        if (item === undefined) continue;
        if (!isForeign(item.itemIdx)) {
          indices.set(item.itemId, item.itemIdx);
          known.set(item.itemId, item.itemIdx);
        } else if (!warned) {
          warned = true;
          yield* Effect.logWarning(
            `item ${JSON.stringify(item.itemId)} has index ${item.itemIdx} in the catalogue, which is another item's in the ` +
              "model: events of such items do not count before the next batch",
          );
        }
      }
      return indices;
    });
};
