/** Layer: what draws the points: by WebGL2 (`Gl.ts`), or on a plain canvas where there is none (`Plain.ts`). */
import type { Colour } from "./Palette.ts";
import type { Size, View } from "./View.ts";

/** Along each direction. */
export const places = 65_535;

export interface Points {
  /** From 0 to `places`. */
  readonly x: Uint16Array;
  readonly y: Uint16Array;
}

export interface Scene {
  readonly view: View;
  readonly size: Size;
  /** Pixels of the screen to one of CSS. */
  readonly density: number;
  /** By code. */
  readonly colours: ReadonlyArray<Colour>;
  /** By code, from 0 (not drawn) to 1. */
  readonly strengths: ReadonlyArray<number>;
}

export interface Layer {
  /** Of each point; `codes` has 128 more for one that is drawn fainter. */
  readonly setCodes: (codes: Uint8Array) => void;
  readonly draw: (scene: Scene) => void;
  readonly close: () => void;
}

export const mostCodes = 32;
/** Added to the code of a point that is drawn fainter. */
export const faint = 128;
export const faintness = 0.3;

/** Pixels across a point: as large as so many can be, larger where one looks nearer. */
export const pointSize = (count: number, { view, size }: Pick<Scene, "view" | "size">): number => {
  const room = Math.sqrt((size.width * size.height) / Math.max(1, count));
  return Math.min(14, Math.max(2.2, Math.min(7, 0.75 * room)) * view.zoom ** 0.3);
};
