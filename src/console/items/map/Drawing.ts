/** Drawing: the map as it came from the API, made ready to be drawn and looked into. */
import type { MapColours, MapPoints } from "../../../serving/insights/MapSchema.ts";
import { type Grid, makeGrid } from "./Grid.ts";
import { faint, type Points } from "./Layer.ts";

export interface Drawing {
  readonly told: MapPoints;
  readonly points: Points;
  /** From 0 to 1. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly grid: Grid;
  readonly placeOf: ReadonlyMap<string, number>;
  readonly nameOf: (point: number) => string;
}

export const drawingOf = (told: MapPoints): Drawing => {
  const points = { x: Uint16Array.from(told.x), y: Uint16Array.from(told.y) };
  const [x, y] = [points.x, points.y].map((places) => Float32Array.from(places, (place) => place / 65_535)) as [
    Float32Array,
    Float32Array,
  ];
  return {
    ...{ told, points, x, y, grid: makeGrid(x, y) },
    placeOf: new Map(told.item_ids.map((id, point) => [id, point])),
    nameOf: (point) => told.names[told.name_codes[point] ?? 0] ?? "",
  };
};

/** As a layer takes them; without colours all are of one value. */
export const codesOf = ({ told }: Drawing, colours: MapColours | undefined): Uint8Array => {
  const codes = colours === undefined ? new Uint8Array(told.x.length).fill(1) : Uint8Array.from(colours.codes);
  for (const point of told.not_for_sale) codes[point] = (codes[point] ?? 0) + faint;
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
export const firstAttribute = ({ attributes }: MapPoints): string | undefined => {
  const texts = attributes.filter(({ kind }) => kind === "text").map(({ name }) => name);
  for (const pattern of wanted) {
    const found = texts.find((name) => pattern.test(name));
    if (found !== undefined) return found;
  }
  return texts[0] ?? attributes[0]?.name;
};
