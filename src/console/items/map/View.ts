/** View: which part of the map is seen: places of the map are from 0 to 1 each way, y upwards; places of the screen are in CSS pixels. */

export interface View {
  /** In the middle of the screen. */
  readonly x: number;
  readonly y: number;
  /** 1: the whole map fits. */
  readonly zoom: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const whole: View = { x: 0.5, y: 0.5, zoom: 1 };
export const mostZoom = 400;

/** Pixels that the map is long. */
export const sideOf = ({ zoom }: View, { width, height }: Size): number => 0.94 * Math.min(width, height) * zoom;

export const toScreen = (view: View, size: Size, x: number, y: number): readonly [number, number] => {
  const side = sideOf(view, size);
  return [size.width / 2 + (x - view.x) * side, size.height / 2 - (y - view.y) * side];
};

export const toMap = (view: View, size: Size, left: number, top: number): readonly [number, number] => {
  const side = sideOf(view, size);
  return [view.x + (left - size.width / 2) / side, view.y - (top - size.height / 2) / side];
};

const between = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/** The middle stays on the map. */
const kept = ({ x, y, zoom }: View): View => ({ x: between(x, 0, 1), y: between(y, 0, 1), zoom });

/** What lies under a place of the screen stays there, unless the map's edge would come to the middle. */
export const zoomed = (view: View, size: Size, factor: number, left: number, top: number): View => {
  const zoom = between(view.zoom * factor, 1, mostZoom);
  const [x, y] = toMap(view, size, left, top);
  const ratio = view.zoom / zoom;
  return kept({ x: x + (view.x - x) * ratio, y: y + (view.y - y) * ratio, zoom });
};

/** The map goes with the hand: so many pixels to the right and down. */
export const moved = (view: View, size: Size, right: number, down: number): View => {
  const side = sideOf(view, size);
  return kept({ ...view, x: view.x - right / side, y: view.y + down / side });
};

/** With the place in the middle, near enough to tell what is around it. */
export const around = (view: View, x: number, y: number): View => kept({ x, y, zoom: Math.max(view.zoom, 6) });
