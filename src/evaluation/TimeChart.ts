/** TimeChart: lines over time, each value where its stretch of time begins. */
import { escapeText, round, scaleOf, svg, text, yAxis } from "./Charts.ts";

export interface Line {
  readonly name: string;
  readonly colour: string;
  /** One per stretch. */
  readonly values: ReadonlyArray<number>;
}

export interface Stretch {
  /** Unix seconds. */
  readonly from: number;
  readonly events: number;
}

const [hour, day] = [3600, 86_400];
const steps = [1, 3, 6, 12].map((hours) => hours * hour).concat([1, 2, 7].map((days) => days * day));
const monthSteps = [1, 2, 3, 6, 12, 24, 60, 120];
const mostTicks = 7;

const monthStart = (month: number): number => Date.UTC(1970, month) / 1000;
const monthOf = (seconds: number): number => {
  const date = new Date(seconds * 1000);
  return 12 * (date.getUTCFullYear() - 1970) + date.getUTCMonth();
};

/** Marks of the axis within the span, at most `mostTicks`: whole hours, days or weeks apart, or firsts of months. UTC. */
export const timeTicks = (from: number, to: number): ReadonlyArray<number> => {
  const step = steps.find((size) => (to - from) / size <= mostTicks - 1);
  if (step !== undefined) {
    const first = Math.ceil(from / step);
    return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, i) => (first + i) * step);
  }
  const [first, last] = [monthOf(from - 1) + 1, monthOf(to)];
  const months = monthSteps.find((size) => (last - first) / size <= mostTicks - 1) ?? last - first;
  const start = Math.ceil(first / months) * months;
  return Array.from({ length: Math.floor((last - start) / months) + 1 }, (_, i) => monthStart(start + i * months));
};

/** With the time of day where the axis is shorter than three days. */
const timeText = (seconds: number, span: number): string => {
  const iso = new Date(seconds * 1000).toISOString();
  return span < 3 * day ? iso.slice(5, 16).replace("T", " ") : iso.slice(0, 10);
};

/** Stretches that begin at one time are one: where the data tells days alone, a day's. */
const joined = (stretches: ReadonlyArray<Stretch>, values: ReadonlyArray<number>): ReadonlyMap<number, number> => {
  const sums = new Map<number, { events: number; sum: number }>();
  stretches.forEach(({ events, from }, i) => {
    const { events: before = 0, sum = 0 } = sums.get(from) ?? {};
    sums.set(from, { events: before + events, sum: sum + events * values[i] });
  });
  return new Map([...sums].map(([from, { events, sum }]) => [from, sum / events]));
};

/**
 * Moves labels apart so that neighbours are `gap` or more from one another and none is above `top` or below `bottom`, while there is room
 * for all of them; keeps their order, and else each as near to its place as can be (isotonic regression, by pooling neighbours).
 */
export const apart = (
  places: ReadonlyArray<number>,
  gap: number,
  top: number,
  bottom: number,
): ReadonlyArray<number> => {
  const order = places.map((_, i) => i).sort((a, b) => places[a] - places[b]);
  const pools: Array<{ sum: number; size: number }> = [];
  order.forEach((label, i) => {
    let pool = { sum: places[label] - i * gap, size: 1 };
    for (
      let last = pools.at(-1);
      last !== undefined && last.sum / last.size > pool.sum / pool.size;
      last = pools.at(-1)
    ) {
      pools.pop();
      pool = { sum: last.sum + pool.sum, size: last.size + pool.size };
    }
    pools.push(pool);
  });
  const lowest = bottom - (places.length - 1) * gap;
  const moved = [...places];
  let next = 0;
  for (const { size, sum } of pools) {
    const from = Math.max(top, Math.min(lowest, sum / size));
    for (const end = next + size; next < end; next++) moved[order[next]] = from + next * gap;
  }
  return moved;
};

/** Named at the lines' right end; undefined where all began at one time. */
export const timeChart = (
  label: string,
  stretches: ReadonlyArray<Stretch>,
  lines: ReadonlyArray<Line>,
): string | undefined => {
  const [from, to] = [stretches[0]?.from ?? 0, stretches[stretches.length - 1]?.from ?? 0];
  if (from === to) return undefined;
  const [width, left, right, top, bottom] = [1000, 52, 846, 14, 274];
  const curves = lines.map((line) => ({ ...line, points: [...joined(stretches, line.values)] }));
  const scale = scaleOf(Math.max(...curves.flatMap(({ points }) => points.map(([, value]) => value))));
  const x = (time: number): number => left + 10 + ((time - from) * (right - left - 16)) / (to - from);
  const y = (value: number): number => bottom - (value / scale.end) * (bottom - top);
  const ends = apart(
    curves.map(({ points }) => y(points[points.length - 1]?.[1] ?? 0)),
    18,
    top - 4,
    bottom + 12,
  );
  const marks = [
    ...yAxis(scale, left, right, y),
    ...timeTicks(from, to).map((time) => text(x(time), bottom + 22, timeText(time, to - from), "tick", "middle")),
    ...curves.map(
      ({ colour, points }) =>
        `<path class="line stroke-${colour}" d="M${points.map(([time, value]) => `${round(x(time))} ${round(y(value))}`).join("L")}"/>`,
    ),
    ...curves.flatMap(({ colour, name, points }) =>
      points.map(
        ([time, value]) =>
          `<circle class="dot fill-${colour}" cx="${round(x(time))}" cy="${round(y(value))}" r="3"><title>${escapeText(`${name}, from ${timeText(time, to - from)}: ${value.toFixed(3)}`)}</title></circle>`,
      ),
    ),
    ...curves.map(({ colour, name }, l) => text(right + 6, ends[l] + 4.5, name, `name text-${colour}`)),
  ];
  return svg(width, bottom + 32, label, marks);
};
