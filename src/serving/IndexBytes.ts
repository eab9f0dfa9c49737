/** IndexBytes: what the items of the model that serves take of this process's memory, as far as it lies in arrays. */
import type { ModelItems } from "../ports/ItemIndex.ts";
import type { ServingItems } from "./ServingItems.ts";

const buffersOf = (held: object): ReadonlyArray<ArrayBufferLike> =>
  Object.values(held).flatMap((value: unknown) => (ArrayBuffer.isView(value) ? [value.buffer] : []));

/**
 * Vectors, as they are learnt from and as they are searched, followers, popularity and states: as the index has them and, with spare
 * rows, as serving does; what both share counts once. Without texts and the catalogue's attributes, whichever model serves.
 */
export const indexBytes = (model: ModelItems, serving: ServingItems): number => {
  const buffers = new Set([model, model.followers, serving, serving.followers].flatMap(buffersOf));
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, model.searchBytes ?? 0);
};
