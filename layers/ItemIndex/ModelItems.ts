/** ModelItems: one model's items in memory, found by article and by index. */
import type { ModelItems } from "../../src/ports/ItemIndex.ts";
import type { Items } from "./Items.ts";

export const makeModelItems = (items: Items): ModelItems => {
  const { itemIdx, metadata } = items;
  const rows = itemIdx.length;
  const articles = new Map(metadata.map((item, row) => [item.article_id, row]));
  /** Item indices are given without gaps, so a table by index is small. */
  const rowTable = new Int32Array(rows === 0 ? 0 : itemIdx[rows - 1]! + 1).fill(-1);
  itemIdx.forEach((index, row) => {
    rowTable[index] = row;
  });
  const rowOfIdx = (index: number): number | undefined => {
    const row = rowTable[index];
    return row === undefined || row < 0 ? undefined : row;
  };
  return { ...items, rowOf: (articleId) => articles.get(articleId), rowOfIdx };
};
