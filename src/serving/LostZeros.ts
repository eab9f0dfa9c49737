/**
 * LostZeros: the shop's spelling of an item's id that lost its leading zeros, as H&M's lose them in spreadsheets and data
 * frames: 108775015 is 0108775015.
 */
import type { ModelItems } from "../ports/ItemIndex.ts";

/** The id as it is where it is known, or where the shop's ids are not all numbers of one length, some with leading zeros. */
export const makeItemIdOf = ({ metadata, rowOf }: Pick<ModelItems, "metadata" | "rowOf">): ((id: string) => string) => {
  const digits = metadata[0]?.article_id.length ?? 0;
  const isNumber = (id: string): boolean => /^\d+$/.test(id);
  const loses =
    metadata.some(({ article_id }) => article_id.startsWith("0")) &&
    metadata.every(({ article_id }) => article_id.length === digits && isNumber(article_id));
  return (id) => {
    if (!loses || id.length >= digits || !isNumber(id)) return id;
    const whole = id.padStart(digits, "0");
    return rowOf(whole) === undefined ? id : whole;
  };
};
