/**
 * ItemIndices: one index per item, whoever gave it: those of the catalogue, which item_map repeats in their order.
 *
 * What was numbered before there was a catalogue is adopted by it. Items that the rows name and nobody knows are allotted their
 * indices by the catalogue while shops change it: where another was quicker, the rows are numbered again by what it gave.
 */
import { Effect, Stream } from "effect";
import { ifThere } from "../datasets/IfThere.ts";
import { readIds } from "../datasets/StoredIds.ts";
import { itemMap } from "../domain/TableSchemas.ts";
import type { BatchStepsFailure, Numbered, Reading, Tell } from "../ports/BatchSteps.ts";
import { Catalogue, type CatalogueError } from "../ports/Catalogue.ts";
import { type TableError, Tables } from "../ports/Tables.ts";

/** Ids to a call of the catalogue, and to a batch of the table. */
const atOnce = 10_000;

export interface Aligned {
  /** So many items the map held before. */
  readonly held: number;
  /** kept: the catalogue knew them all; adopted: it took some over; other: it has other items at their indices, and they were given up. */
  readonly map: "kept" | "adopted" | "other";
}

/** Rows of item_map from index `first` on. */
const rowsOf = (ids: ReadonlyArray<string>, first: number) =>
  Stream.range(0, Math.ceil(ids.length / atOnce) - 1, 1).pipe(
    Stream.map((part) => {
      const own = ids.slice(part * atOnce, (part + 1) * atOnce);
      const item_idx = Int32Array.from(own, (_, i) => first + part * atOnce + i);
      return { rows: own.length, columns: { article_id: own, item_idx } };
    }),
  );

/** Makes the map that of the catalogue: all of its ids, in the order of their indices. */
export const alignItems: Effect.Effect<Aligned, CatalogueError | TableError, Catalogue | Tables> = Effect.gen(
  function* () {
    const catalogue = yield* Catalogue;
    const tables = yield* Tables;
    const held = (yield* ifThere(readIds(itemMap))) ?? [];
    const known: Array<string> = [];
    yield* Stream.runForEach(catalogue.ids(0), (page) =>
      Effect.sync(() => {
        for (const id of page) known.push(id);
      }),
    );
    const isOther = known.some((id, itemIdx) => itemIdx < held.length && held[itemIdx] !== id);
    const adopt = Effect.gen(function* () {
      for (let first = known.length; first < held.length; first += atOnce) {
        yield* catalogue.adopt(first, held.slice(first, first + atOnce));
      }
      return "adopted" as const;
    });
    const map = isOther
      ? "other"
      : held.length <= known.length
        ? "kept"
        : yield* Effect.catchIf(
            adopt,
            ({ reason }) => reason === "Conflict",
            () => Effect.succeed("other" as const),
          );
    const { name, schema } = itemMap;
    if (map === "other") {
      const ids: Array<string> = [];
      yield* Stream.runForEach(catalogue.ids(0), (page) => Effect.sync(() => ids.push(...page)));
      yield* tables.overwrite(name, schema, rowsOf(ids, 0));
    } else if (known.length > held.length) {
      yield* tables.append(name, schema, rowsOf(known.slice(held.length), held.length));
    }
    return { held: held.length, map };
  },
);

/** Whether the catalogue gives the new items the indices that they were numbered by. */
const isAllotted = ({ items: { stored }, newItems }: Numbered) =>
  Effect.gen(function* () {
    const catalogue = yield* Catalogue;
    const others = yield* newItems.pipe(
      Stream.mapConcat((ids) => ids),
      Stream.grouped(atOnce),
      Stream.mapEffect((ids) => catalogue.allot([...ids])),
      Stream.mapConcat((indices) => indices),
      Stream.zipWithIndex,
      Stream.runFold(0, (sum, [itemIdx, n]) => sum + (itemIdx === stored + n ? 0 : 1)),
    );
    return others === 0;
  });

/** Numbers what is read, new items as the catalogue says. */
export const numberByCatalogue = (
  reading: Reading,
  tell: Tell,
): Effect.Effect<Numbered, BatchStepsFailure | CatalogueError, Catalogue | Tables> =>
  Effect.gen(function* () {
    const numbered = yield* reading.number({ tell });
    if (yield* isAllotted(numbered)) return numbered;
    yield* alignItems;
    // All that is read is in the map now.
    return yield* reading.number({ tell: () => undefined });
  });
