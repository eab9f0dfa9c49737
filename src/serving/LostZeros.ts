/**
 * LostZeros: the shop's spelling of an item's id that lost its leading zeros, as H&M's lose them in spreadsheets and data
 * frames: 108775015 is 0108775015.
 */
import type { ModelItems } from "../ports/ItemIndex.ts";

/** Of all items. Beside the shop's own there may be some that a mistaken event or call named. */
const mostOthers = 0.01;

/** The length that most ids have which are numbers; 0 where none is. */
const usualLength = (numbers: ReadonlyArray<string>): number => {
  const counts = new Map<number, number>();
  for (const { length } of numbers) counts.set(length, (counts.get(length) ?? 0) + 1);
  return [...counts].reduce((most, one) => (one[1] > most[1] ? one : most), [0, 0])[0];
};

/** The id as it is where it is known, or where the shop's ids are not, but for a few, numbers of one length, some with leading zeros. */
export const makeItemIdOf = ({ metadata, rowOf }: Pick<ModelItems, "metadata" | "rowOf">): ((id: string) => string) => {
  const isNumber = (id: string): boolean => /^\d+$/.test(id);
  const numbers = metadata.flatMap(({ article_id }) => (isNumber(article_id) ? [article_id] : []));
  const digits = usualLength(numbers);
  const usual = numbers.filter(({ length }) => length === digits);
  const loses =
    usual.some((id) => id.startsWith("0")) && metadata.length - usual.length <= mostOthers * metadata.length;
  return (id) => {
    if (!loses || id.length >= digits || !isNumber(id) || rowOf(id) !== undefined) return id;
    const whole = id.padStart(digits, "0");
    return rowOf(whole) === undefined ? id : whole;
  };
};
