/** Places: how each item moved from its place by score to its place in the answer: a line per item, a column per order. */
import { useSignal } from "@preact/signals";
import { Legend } from "../kit/Bar.tsx";
import { Card, Empty } from "../kit/Card.tsx";
import { giverOf, givers, type Item, nameOf, type Order, orders } from "./Words.ts";

/** Places that have room; what stands behind them comes in from below. */
const mostRows = 24;
const row = 26;
const left = 44;
const step = 118;
const nameAt = left + step * (orders.length - 1) + 20;
const width = nameAt + 230;
const top = 34;

const yOf = (place: number): number => top + row * (Math.min(place, mostRows + 1) - 1);

/** The columns that the item has a place in. */
const pointsOf = ({ places }: Item) =>
  orders.flatMap(([order], column) => {
    const place = places[order];
    return place === null ? [] : [{ order, place, x: left + step * column, y: yOf(place) }];
  });

const said = (item: Item): string =>
  `${nameOf(item)}: ${orders.flatMap(([order, title]) => (item.places[order] === null ? [] : [`${title.toLowerCase()} ${item.places[order]}`])).join(", ")}`;

const short = (text: string): string => (text.length > 28 ? `${text.slice(0, 27)}…` : text);

const Line = (props: { readonly item: Item; readonly lit: boolean; readonly onLit: (lit: boolean) => void }) => {
  const { item, lit, onLit } = props;
  const points = pointsOf(item);
  const { color } = givers[giverOf(item)];
  const isIn = item.places.answer !== null;
  const last = points.at(-1);
  const path = points
    .map(({ x, y }, at) => {
      const before = points[at - 1];
      return before === undefined ? `M${x} ${y}` : `C${before.x + step / 2} ${before.y} ${x - step / 2} ${y} ${x} ${y}`;
    })
    .join("");
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the table below says the same; lighting up is for the pointer alone
    <g
      class={`p-line ${isIn ? "p-line-in" : ""} ${lit ? "p-line-lit" : ""}`}
      style={{ color: `var(${color})` }}
      onMouseEnter={() => onLit(true)}
      onMouseLeave={() => onLit(false)}
    >
      <title>{said(item)}</title>
      <path d={path} class="p-line-wide" />
      <path d={path} class="p-line-path" />
      {points.map(({ order, place, x, y }) => (
        <g key={order}>
          <circle cx={x} cy={y} r={11} />
          <text x={x} y={y} class="p-line-place">
            {place}
          </text>
        </g>
      ))}
      {isIn && last !== undefined ? (
        <text x={nameAt} y={last.y} class="p-line-name">
          {short(nameOf(item))}
        </text>
      ) : null}
    </g>
  );
};

export const Places = ({ items }: { readonly items: ReadonlyArray<Item> }) => {
  const lit = useSignal<number | undefined>(undefined);
  const isShown = ({ places }: Item): boolean =>
    orders.some(([order]: readonly [Order, string]) => (places[order] ?? Number.MAX_SAFE_INTEGER) <= mostRows) &&
    (places.answer !== null || places.select !== null || (places.score ?? Number.MAX_SAFE_INTEGER) <= 12);
  const shown = items.filter((item) => item.outcome !== "refused" && isShown(item));
  const deepest = Math.max(1, ...shown.flatMap((item) => pointsOf(item).map(({ place }) => place)));
  const height = yOf(Math.min(deepest, mostRows + 1)) + row;
  const present = [...new Set(shown.map(giverOf))].map((giver) => ({ ...givers[giver] }));
  // What is in the answer is drawn last, above the others.
  const drawn = shown.toSorted((a, b) => Number(a.places.answer !== null) - Number(b.places.answer !== null));
  const isStill = shown.every((item) => new Set(pointsOf(item).map(({ place }) => place)).size < 2);
  return (
    <Card title="From score to place" aside={<Legend parts={present} />}>
      <p class="small soft">
        {isStill
          ? "Nothing moved: the answer is in the order of the scores. Ask with diversity or rotation to see it re-ranked."
          : "Each line is an item, in the colour of the largest part of its score."}
      </p>
      {shown.length === 0 ? (
        <Empty>No item has a place.</Empty>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <section class="p-places k-scrolls" tabIndex={0} aria-label="From score to place, drawn">
          <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={shown.map(said).join(". ")}>
            {orders.map(([order, title], column) => (
              <text key={order} x={left + step * column} y={12} class="p-places-head">
                {title}
              </text>
            ))}
            {drawn.map((item) => (
              <Line
                key={item.item_idx}
                item={item}
                lit={lit.value === item.item_idx}
                onLit={(on) => {
                  lit.value = on ? item.item_idx : undefined;
                }}
              />
            ))}
          </svg>
        </section>
      )}
    </Card>
  );
};
