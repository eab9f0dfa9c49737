/** Searches of an item index among all items. */
import type { Within } from "../../src/ports/ItemIndex.ts";

/** Of a model of at most so many rows. */
export const everything = (rows = 10_000): Within => ({
  rows: new Uint8Array(rows).fill(1),
  where: undefined,
  exclude: new Set(),
});
