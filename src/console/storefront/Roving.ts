/**
 * Roving: a grid of products is one stop of the Tab key, and arrow keys go from product to product; what can be done to the one
 * that is reached are the stops that follow (https://www.w3.org/WAI/ARIA/apg/practices/keyboard-interface/, roving tabindex).
 */
import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

/** The place that a key leads to from place `at` of `count`, in rows of `columns`; undefined for keys that lead nowhere. */
export const nextOf = (key: string, at: number, columns: number, count: number): number | undefined => {
  const ways = new Map([
    ["ArrowLeft", at - 1],
    ["ArrowRight", at + 1],
    ["ArrowUp", at - columns],
    ["ArrowDown", at + columns],
    ["Home", 0],
    ["End", count - 1],
  ]);
  const next = ways.get(key);
  return next === undefined || next < 0 || next >= count ? undefined : next;
};

/** Of a grid: the product that has the focus, and which of its controls. */
interface Held {
  readonly item: string;
  readonly place: number;
  readonly control: number;
}

const tilesIn = (grid: HTMLElement): ReadonlyArray<HTMLElement> => [
  ...grid.querySelectorAll<HTMLElement>("[data-item]"),
];

const controlsIn = (tile: HTMLElement): ReadonlyArray<HTMLElement> => [...tile.querySelectorAll("button")];

const heldIn = (grid: HTMLElement | null): Held | undefined => {
  const { activeElement } = document;
  if (grid === null || activeElement === null || !grid.contains(activeElement)) return undefined;
  const place = tilesIn(grid).findIndex((tile) => tile.contains(activeElement));
  const tile = tilesIn(grid)[place];
  if (tile === undefined) return undefined;
  const control = controlsIn(tile).findIndex((one) => one.contains(activeElement));
  return { item: tile.dataset.item ?? "", place, control };
};

/** Tiles of the first row. */
const columnsOf = (tiles: ReadonlyArray<HTMLElement>): number =>
  tiles.filter(({ offsetTop }) => offsetTop === tiles[0]?.offsetTop).length;

const focusIn = (tile: HTMLElement | undefined, control: number): void => {
  if (tile === undefined) return;
  const controls = controlsIn(tile);
  (controls[control] ?? controls[0])?.focus();
};

/** The first product of the first list. */
export const toProducts = (): void =>
  focusIn(document.querySelector<HTMLElement>("[data-item]:has([tabindex='0'])") ?? undefined, 0);

/**
 * Of the grid, whose products `ids` are. Answers which of them Tab comes to. Where the list changes under the focus, that stays with its
 * product, or with its place when the product is gone.
 */
export const useRoving = (grid: RefObject<HTMLElement | null>, ids: ReadonlyArray<string>) => {
  const [reached, setReached] = useState<string | undefined>(undefined);
  // As it is before the list is drawn: moving a focused element takes its focus.
  const held = heldIn(grid.current);
  useLayoutEffect(() => {
    const { current } = grid;
    if (held === undefined || current === null || current.contains(document.activeElement)) return;
    const tiles = tilesIn(current);
    const same = tiles.find(({ dataset }) => dataset.item === held.item);
    focusIn(same ?? tiles[Math.min(held.place, tiles.length - 1)], held.control);
  }, [ids.join()]);
  return {
    reached: reached !== undefined && ids.includes(reached) ? reached : ids[0],
    onFocusIn: () => setReached(heldIn(grid.current)?.item),
    onKeyDown: (event: KeyboardEvent) => {
      const { current } = grid;
      const now = heldIn(current);
      if (current === null || now === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      const tiles = tilesIn(current);
      const next = nextOf(event.key, now.place, columnsOf(tiles), tiles.length);
      if (next === undefined) return;
      event.preventDefault();
      focusIn(tiles[next], now.control);
    },
  };
};
