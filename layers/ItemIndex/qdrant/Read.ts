/** Read: all items of a collection and its attribute map, page by page. */
import type { Schemas } from "@qdrant/js-client-rest";
import { Effect } from "effect";
import { ItemIndexError, type ItemVector } from "../../../src/ports/ItemIndex.ts";
import { Qdrant } from "../../engines/qdrant/Client.ts";
import { gatherMap } from "./MapPoints.ts";
import { itemOf } from "./Points.ts";

/** Points per page. */
const pageSize = 1000;

export const readItems = (model: string, { name, rank }: { readonly name: string; readonly rank: number }) =>
  Effect.gen(function* () {
    const { patient } = yield* Qdrant;
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
