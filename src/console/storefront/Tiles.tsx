/** Tiles: the list as a grid. What moves is seen to move: from its old place to its new one (FLIP: first, last, invert, play). */
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import type { Recommendation } from "../../serving/recommend/Answer.ts";
import { act } from "./Acting.ts";
import { idOf, type Pane } from "./Pane.ts";
import { partsOf } from "./Reasons.ts";
import { useRoving } from "./Roving.ts";
import type { Deeds } from "./Shop.ts";
import { Tile } from "./Tile.tsx";

const calm = "cubic-bezier(0.2, 0.8, 0.2, 1)";
const lasts = 420;

const isStill = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Within the grid, which may itself move as the page is scrolled. */
const placesIn = (grid: HTMLElement): ReadonlyMap<string, { readonly x: number; readonly y: number }> =>
  new Map(
    [...grid.querySelectorAll<HTMLElement>("[data-item]")].map((tile) => [
      tile.dataset.item ?? "",
      { x: tile.offsetLeft, y: tile.offsetTop },
    ]),
  );

/** Plays the way of each tile from where it was; those that are new come up. */
const play = (grid: HTMLElement, before: ReadonlyMap<string, { readonly x: number; readonly y: number }>): void => {
  for (const tile of grid.querySelectorAll<HTMLElement>("[data-item]")) {
    const was = before.get(tile.dataset.item ?? "");
    const options = { duration: lasts, easing: calm };
    if (was === undefined) {
      tile.animate({ opacity: [0, 1], transform: ["scale(0.92)", "none"] }, options);
      continue;
    }
    const [x, y] = [was.x - tile.offsetLeft, was.y - tile.offsetTop];
    if (x !== 0 || y !== 0) tile.animate({ transform: [`translate(${x}px, ${y}px)`, "none"] }, options);
  }
};

interface Props {
  readonly pane: Pane;
  readonly deeds: Deeds;
  readonly onWhy: (one: Recommendation) => void;
}

export const Tiles = ({ pane, deeds, onWhy }: Props) => {
  const grid = useRef<HTMLDivElement>(null);
  const { value: list = [] } = pane.list;
  const shown = useRef(list);
  // As they are before the list is drawn: since the last one the page may have been laid out anew.
  const before = shown.current === list || grid.current === null ? undefined : placesIn(grid.current);
  const { value: moves } = pane.moves;
  const keys = useId();
  const { onFocusIn, onKeyDown, reached } = useRoving(grid, list.map(idOf));
  useLayoutEffect(() => {
    const { current } = grid;
    shown.current = list;
    if (current !== null && before !== undefined && before.size > 0 && !isStill()) play(current, before);
  }, [list]);
  const whole = Math.max(
    ...list.map((one) => Object.values(partsOf(one)).reduce((sum, part) => sum + Math.max(0, part), 0)),
  );
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is of a form */}
      <div
        class="sf-tiles"
        ref={grid}
        role="group"
        aria-label="Products"
        aria-describedby={keys}
        onFocusIn={onFocusIn}
        onKeyDown={onKeyDown}
      >
        {list.map((one, place) => {
          const id = idOf(one);
          return (
            <Tile
              key={id}
              one={one}
              place={place}
              whole={whole}
              move={moves?.get(id)}
              isFresh={moves !== undefined && !moves.has(id)}
              isReached={id === reached}
              deeds={deeds}
              onDeed={(item, type) => act(pane, item, type)}
              onWhy={onWhy}
            />
          );
        })}
      </div>
      <p id={keys} class="sf-keys small">
        Arrow keys: from product to product. Tab: what can be done to it.
      </p>
    </>
  );
};
