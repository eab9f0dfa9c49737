/** Describe: writes what the shop says of items now to their points: the same words again change nothing. */
import { Effect } from "effect";
import type { StoredItem } from "../../../src/ports/Catalogue.ts";
import { Qdrant, type QdrantError } from "../../engines/qdrant/Client.ts";
import { indexesOf, ownIndexes, payloadOf } from "./Described.ts";

/** Points per request. */
const atOnce = 500;
/** Most payload indexes of a collection: what has none is filtered all the same, point by point. */
const mostIndexes = 100;

export interface Describable {
  /** The collection. */
  readonly name: string;
  readonly rowOfIdx: (itemIdx: number) => number | undefined;
  /** Keys of its indexes, as far as they were made by this process. */
  readonly indexed: Set<string>;
}

/** Passes over items that have no point. */
export const writeDescriptions = (
  { indexed, name, rowOfIdx }: Describable,
  items: ReadonlyArray<StoredItem>,
): Effect.Effect<void, QdrantError, Qdrant> =>
  Effect.gen(function* () {
    const { patient } = yield* Qdrant;
    const known = items.filter(({ itemIdx }) => rowOfIdx(itemIdx) !== undefined);
    if (known.length === 0) return;
    for (const [field_name, field_schema] of new Map([...ownIndexes, ...indexesOf(known)])) {
      if (indexed.has(field_name) || indexed.size >= mostIndexes) continue;
      yield* patient((client) => client.createPayloadIndex(name, { field_name, field_schema, wait: true }));
      indexed.add(field_name);
    }
    for (let from = 0; from < known.length; from += atOnce) {
      const operations = known
        .slice(from, from + atOnce)
        .map((item) => ({ set_payload: { payload: payloadOf(item), points: [item.itemIdx] } }));
      yield* patient((client) => client.batchUpdate(name, { wait: true, operations }));
    }
  });
