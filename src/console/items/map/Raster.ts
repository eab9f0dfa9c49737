/** Raster: a hundred thousand discs as pixels, by plain arithmetic: quicker than a graphics driver that has no graphics card. */
import { type Points, places } from "./Layer.ts";

/** Straight alpha, as in an `ImageData`. */
export interface Pixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

export interface Discs {
  readonly points: Points;
  /** By point. */
  readonly codes: Uint8Array;
  /** By code, red, green and blue from 0 to 255, and alpha from 0 (not drawn) to 1. */
  readonly shades: Float32Array;
  /** In pixels: the middle of the disc at the map's lower left corner, how long the map is, how wide a disc is. */
  readonly left: number;
  readonly bottom: number;
  readonly side: number;
  readonly across: number;
}

/** Places within a pixel that are told apart, each way. */
const parts = 4;

/** What a disc covers of each pixel of a square, from 0 to 1; by the part of a pixel at which the square around it begins. */
const masksOf = (across: number, length: number): ReadonlyArray<Float32Array> =>
  Array.from({ length: parts * parts }, (_, part) => {
    const middleX = ((part % parts) + 0.5) / parts + across / 2;
    const middleY = (Math.floor(part / parts) + 0.5) / parts + across / 2;
    return Float32Array.from({ length: length * length }, (_, at) => {
      const away = Math.hypot((at % length) + 0.5 - middleX, Math.floor(at / length) + 0.5 - middleY);
      return Math.min(1, Math.max(0, across / 2 + 0.5 - away));
    });
  });

/** Draws over what is there, later points over earlier ones. */
export const raster = ({ data, height, width }: Pixels, discs: Discs): void => {
  const { across, bottom, codes, left, points, shades, side } = discs;
  const length = Math.ceil(across) + 2;
  const masks = masksOf(across, length);
  for (let point = 0; point < points.x.length; point++) {
    const shade = 4 * (codes[point] ?? 0);
    const strength = shades[shade + 3] ?? 0;
    if (strength === 0) continue;
    const x = left + ((points.x[point] ?? 0) / places) * side - across / 2;
    const y = bottom - ((points.y[point] ?? 0) / places) * side - across / 2;
    const [fromX, fromY] = [Math.floor(x), Math.floor(y)];
    if (fromX + length <= 0 || fromY + length <= 0 || fromX >= width || fromY >= height) continue;
    const mask = masks[Math.floor((y - fromY) * parts) * parts + Math.floor((x - fromX) * parts)];
    if (mask === undefined) continue;
    const [red, green, blue] = [shades[shade] ?? 0, shades[shade + 1] ?? 0, shades[shade + 2] ?? 0];
    const [endX, endY] = [Math.min(width, fromX + length), Math.min(height, fromY + length)];
    for (let row = Math.max(0, fromY); row < endY; row++) {
      for (let column = Math.max(0, fromX); column < endX; column++) {
        const over = strength * (mask[(row - fromY) * length + column - fromX] ?? 0);
        if (over === 0) continue;
        const at = 4 * (row * width + column);
        const under = ((data[at + 3] ?? 0) / 255) * (1 - over);
        const share = over / (over + under);
        data[at] = (data[at] ?? 0) + (red - (data[at] ?? 0)) * share;
        data[at + 1] = (data[at + 1] ?? 0) + (green - (data[at + 1] ?? 0)) * share;
        data[at + 2] = (data[at + 2] ?? 0) + (blue - (data[at + 2] ?? 0)) * share;
        data[at + 3] = 255 * (over + under);
      }
    }
  }
};
