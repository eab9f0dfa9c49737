/** Tile: one item of a list: how it looks, why it is there, and what can be done to it. */
import type { Recommendation } from "../../serving/recommend/Answer.ts";
import { Bar } from "../kit/Bar.tsx";
import { precise } from "../kit/Format.ts";
import { Drawing } from "./Drawing.tsx";
import { type Looks, sketchOf } from "./Looks.ts";
import { idOf } from "./Pane.ts";
import { barOf, heaviest, kinds, partsOf } from "./Reasons.ts";
import { type Deeds, looks } from "./Shop.ts";

interface Props {
  readonly one: Recommendation;
  readonly place: number;
  /** The longest bar of the list. */
  readonly whole: number;
  readonly move: number | undefined;
  /** Whether the list had it before. */
  readonly isFresh: boolean;
  /** Whether Tab comes to it. */
  readonly isReached: boolean;
  readonly deeds: Deeds;
  readonly onDeed: (item: string, type: string | undefined) => void;
  readonly onWhy: (one: Recommendation) => void;
}

const wordsOf = (one: Recommendation, known: ReadonlyMap<string, Looks>): string => {
  const { because, kind } = heaviest(one);
  const title = because === undefined ? undefined : (known.get(because)?.title ?? because);
  if (kind === "taste") return title === undefined ? "To their taste" : `Like ${title}`;
  if (kind === "followers") return `Follows ${title}`;
  return { trending: "Popular now", new: "New, and near their taste", catalogue: "Also for sale" }[kind];
};

/** Of a shop whose events cannot say it. */
export const hiddenHere = "Hidden on this page alone: the shop has no type of event that says dislike.";

const Move = ({ isFresh, move }: Pick<Props, "isFresh" | "move">) => {
  if (isFresh) return <span class="sf-move sf-move-new">in</span>;
  if (move === undefined || move === 0) return null;
  return (
    <span class={`sf-move ${move > 0 ? "sf-move-up" : "sf-move-down"}`}>{move > 0 ? `▲ ${move}` : `▼ ${-move}`}</span>
  );
};

export const Tile = ({ one, place, whole, move, isFresh, isReached, deeds, onDeed, onWhy }: Props) => {
  const id = idOf(one);
  const shown = looks.value.get(id) ?? sketchOf(one);
  const parts = barOf(partsOf(one));
  const tabIndex = isReached ? 0 : -1;
  const told = parts.map(({ label, value }) => `${label} ${precise(value)}`).join(", ");
  return (
    <article class="sf-tile" data-item={id} aria-label={shown.title}>
      <button
        type="button"
        class="sf-face"
        tabIndex={tabIndex}
        style={{ "--thing": shown.colour }}
        title={deeds.click === undefined ? shown.title : `${deeds.click}: ${shown.title}`}
        onClick={() => (deeds.click === undefined ? onWhy(one) : onDeed(id, deeds.click))}
      >
        <span class="sf-place number" aria-hidden="true">
          {place + 1}
        </span>
        <Move isFresh={isFresh} move={move} />
        <Drawing looks={shown} />
        <span class="hidden">Look at {shown.title}</span>
      </button>
      <div class="sf-words">
        <h3 class="sf-title" dir="auto">
          {shown.title}
        </h3>
        <p class="sf-type">{[shown.colourName, shown.type].filter((word) => word !== "").join(" · ")}</p>
        <button type="button" class="sf-why" tabIndex={tabIndex} onClick={() => onWhy(one)}>
          <Bar parts={parts} whole={whole} label={told} />
          <span class="sf-because">
            <i style={{ background: `var(${kinds[heaviest(one).kind].color})` }} aria-hidden="true" />
            <span>{wordsOf(one, looks.value)}</span>
            <span class="hidden">: why {shown.title} is here</span>
          </span>
        </button>
      </div>
      <div class="sf-deeds">
        {deeds.add === undefined ? null : (
          <button type="button" tabIndex={tabIndex} onClick={() => onDeed(id, deeds.add)} title={deeds.add}>
            Add<span class="hidden"> {shown.title}</span>
          </button>
        )}
        {deeds.buy === undefined ? null : (
          <button
            type="button"
            class="sf-buy"
            tabIndex={tabIndex}
            onClick={() => onDeed(id, deeds.buy)}
            title={deeds.buy}
          >
            Buy<span class="hidden"> {shown.title}</span>
          </button>
        )}
        <button
          type="button"
          class="sf-hide"
          tabIndex={tabIndex}
          aria-label={deeds.hide === undefined ? `Hide ${shown.title} on this page` : `Dislike ${shown.title}`}
          title={deeds.hide ?? hiddenHere}
          onClick={() => onDeed(id, deeds.hide)}
        >
          <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
            <path d="M3 3 13 13M13 3 3 13" />
          </svg>
        </button>
      </div>
    </article>
  );
};
