/** Drawing: the map as it came from the API, ready to be drawn and looked into: its bytes as they are. */
import type { MapColours, MapPoints } from "../../../serving/insights/MapSchema.ts";
import { readColumns, type Texts } from "../../data/Columns.ts";
import { type Grid, makeGrid } from "./Grid.ts";
import { faint, type Points, places } from "./Layer.ts";

type PointColumns = {
  readonly x: Uint16Array;
  readonly y: Uint16Array;
  readonly item_ids: Texts;
  readonly names: Texts;
  readonly name_codes: Uint32Array;
  readonly not_for_sale: Uint32Array;
};

export type Head = Omit<MapPoints, keyof PointColumns>;

/** What colours the points of a drawing. */
export type Colouring = Omit<MapColours, "codes"> & { readonly codes: Uint8Array };

export interface Drawing {
  readonly head: Head;
  readonly points: Points;
  readonly notForSale: Uint32Array;
  /** Made when one first points at the map. */
  readonly grid: () => Grid;
  /** From 0 to 1. */
  readonly placeOf: (point: number) => readonly [x: number, y: number];
  /** -1: it has none. */
  readonly pointOf: (itemId: string) => number;
  readonly idOf: (point: number) => string;
  readonly nameOf: (point: number) => string;
}

export const drawingOf = (body: ArrayBuffer): Drawing => {
  const { columns, head } = readColumns<Head, PointColumns>(body);
  const { item_ids, name_codes, names, not_for_sale: notForSale, x, y } = columns;
  let grid: Grid | undefined;
  return {
    ...{ head, points: { x, y }, notForSale },
    grid: () => {
      grid ??= makeGrid({ x, y });
      return grid;
    },
    placeOf: (point) => [(x[point] ?? 0) / places, (y[point] ?? 0) / places],
    pointOf: item_ids.find,
    idOf: item_ids.at,
    nameOf: (point) => names.at(name_codes[point] ?? -1),
  };
};

export const colouringOf = (body: ArrayBuffer): Colouring => {
  const { columns, head } = readColumns<Omit<Colouring, "codes">, { readonly codes: Uint8Array }>(body);
  return { ...head, ...columns };
};

/** As a layer takes them; without colours all are of one value. */
export const codesOf = ({ notForSale, points }: Drawing, colours: Colouring | undefined): Uint8Array => {
  const codes = colours === undefined ? new Uint8Array(points.x.length).fill(1) : colours.codes.slice();
  for (const point of notForSale) codes[point] = (codes[point] ?? 0) + faint;
  return codes;
};

const wanted = [
  /^(product|index|garment)_group_name$/,
  /categor/,
  /group_name$/,
  /type_name$/,
  /^(type|kind|genre|brand)/,
  /colou?r/,
  /_name$/,
];

/** What a map is coloured by at first: what sounds like a kind of things, else the most common text. */
export const firstAttribute = ({ attributes }: Head): string | undefined => {
  const texts = attributes.filter(({ kind }) => kind === "text").map(({ name }) => name);
  for (const pattern of wanted) {
    const found = texts.find((name) => pattern.test(name));
    if (found !== undefined) return found;
  }
  return texts[0] ?? attributes[0]?.name;
};
