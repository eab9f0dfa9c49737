/** Charts: the last five minutes: events a second, what is not applied yet, and how fresh what is known is. */

import { type Point, points } from "../data/Live.ts";
import { Card } from "../kit/Card.tsx";
import { Chart, type Series } from "../kit/Chart.tsx";
import { compact, duration, precise } from "../kit/Format.ts";
import { meansOver } from "./Mean.ts";

interface Drawn {
  readonly title: string;
  readonly series: ReadonlyArray<
    Series & {
      readonly of: (events: Point["events"]) => number | null;
      /** Seconds of which each value is the mean: of what comes in bursts. */
      readonly over?: number;
    }
  >;
  readonly tick: (value: number) => string;
}

/** Of what is counted: nothing stands between whole numbers. */
const counted = (value: number) => (Number.isInteger(value) ? compact(value) : "");
const rate = (value: number) => `${precise(value)}/s`;

const charts: ReadonlyArray<Drawn> = [
  {
    title: "Events a second",
    tick: counted,
    series: [
      { label: "arrived", color: "--part-1", shown: rate, of: ({ appended }) => appended },
      { label: "applied", color: "--part-2", shown: rate, of: ({ applied }) => applied },
      // It is written in flushes, each of which would make all else flat.
      { label: "archived, mean of a minute", color: "--part-4", shown: rate, of: ({ archived }) => archived, over: 60 },
    ],
  },
  {
    title: "Lag",
    tick: counted,
    series: [{ label: "events not applied yet", color: "--part-3", shown: compact, of: ({ lag }) => lag }],
  },
  {
    title: "Freshness",
    tick: duration,
    series: [
      { label: "half within", color: "--part-1", shown: duration, of: ({ freshness }) => freshness?.p50_ms ?? null },
      { label: "99 % within", color: "--part-3", shown: duration, of: ({ freshness }) => freshness?.p99_ms ?? null },
    ],
  },
];

export const Charts = () => {
  const all = points.value;
  const x = all.map(({ at }) => at);
  return (
    <div class="k-grid">
      {charts.map(({ series, tick, title }) => (
        <Card key={title} title={title}>
          {all.length < 2 ? (
            <p class="soft">In a second or two.</p>
          ) : (
            <Chart
              label={`${title}, the last five minutes`}
              time
              height={160}
              x={x}
              rows={series.map(({ of, over }) => {
                const values = all.map(({ events }) => of(events));
                return over === undefined ? values : meansOver(x, values, over);
              })}
              series={series}
              tick={tick}
            />
          )}
        </Card>
      ))}
    </div>
  );
};
