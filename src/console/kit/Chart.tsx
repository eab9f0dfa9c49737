/** Chart: lines over time or over any other axis, drawn by uPlot in the theme's colours, as wide as its place. */
import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { drawn, tokenOf } from "../shell/Theme.ts";
import { clock } from "./Format.ts";
import { lonely } from "./Lonely.ts";

export interface Series {
  readonly label: string;
  /** A token: `--part-1`. */
  readonly color: string;
  /** How a value stands in the legend. */
  readonly shown?: (value: number) => string;
}

interface Props {
  /** What the chart is of; read out. */
  readonly label: string;
  /** Along the bottom; in seconds since 1970 where `time` is true. Ascending. */
  readonly x: ReadonlyArray<number>;
  /** A row per series, as long as `x`; null where there is no value. */
  readonly rows: ReadonlyArray<ReadonlyArray<number | null>>;
  readonly series: ReadonlyArray<Series>;
  readonly time?: boolean;
  /** What a value along the bottom is called in the legend. */
  readonly axis?: string;
  readonly height?: number;
  /** The scale holds the values alone, and need not begin at 0: for what is read by its shape. */
  readonly fits?: boolean;
  /** How values stand on the left. */
  readonly tick?: (value: number) => string;
}

/** Between two ticks of time. */
const seconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400];
/** Between two ticks of what is counted. */
const wholes = [1, 2, 5].flatMap((n) => [1, 10, 100, 1000, 10_000].map((tens) => n * tens)).sort((a, b) => a - b);
/** `at`: unix seconds. */
const clockAt = (at: number): string => clock(1000 * at);

/** Where nothing is pointed at, the legend has the newest value. */
const legendOf =
  (shown: (value: number) => string) =>
  (plot: uPlot, value: number | null, series: number, at: number | null): string => {
    const told = at === null ? plot.data[series]?.at(-1) : value;
    return told === null || told === undefined ? "–" : shown(told);
  };

const dataOf = ({ x, rows }: Props): uPlot.AlignedData => [[...x], ...rows.map((row) => [...row])];

const optionsOf = (
  { x, series, time = false, height = 180, tick, fits = false, axis: bottom }: Props,
  width: number,
): uPlot.Options => {
  const axis = {
    stroke: tokenOf("--ink-soft"),
    grid: { stroke: tokenOf("--line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  return {
    width,
    height,
    legend: { live: true },
    cursor: { drag: { x: false, y: false } },
    scales: {
      x: { time },
      y: fits ? {} : { range: (_, min, max) => [Math.min(0, min ?? 0), Math.max(1, max ?? 1) * 1.08] },
    },
    axes: [
      time
        ? { ...axis, incrs: seconds, space: 72, values: (_, at) => at.map(clockAt) }
        : { ...axis, ...(x.every(Number.isInteger) ? { incrs: wholes } : {}) },
      { ...axis, size: 56, ...(tick === undefined ? {} : { values: (_, at) => at.map(tick) }) },
    ],
    series: [
      time
        ? { label: "At", value: legendOf(clockAt) }
        : bottom === undefined
          ? {}
          : { label: bottom, value: legendOf(String) },
      ...series.map(({ color, label, shown }) => ({
        label,
        stroke: tokenOf(color),
        width: 1.75,
        points: {
          show: true,
          size: 4,
          fill: tokenOf(color),
          filter: (plot: uPlot, at: number) => lonely(plot.data[at] ?? []),
        },
        ...(shown === undefined ? {} : { value: legendOf(shown) }),
      })),
    ],
  };
};

export const Chart = (props: Props) => {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const draw = () => {
    const { current } = place;
    plot.current?.destroy();
    if (current === null) return;
    plot.current = new uPlot(optionsOf(latest.current, current.clientWidth), dataOf(latest.current), current);
  };
  // Colours are read when a chart is made: another theme makes another chart.
  useSignalEffect(() => {
    drawn.value;
    draw();
  });
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) plot.current?.setSize({ width: entry.contentRect.width, height: props.height ?? 180 });
    });
    if (place.current !== null) observer.observe(place.current);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
    };
  }, [props.height]);
  useEffect(() => plot.current?.setData(dataOf(props)), [props.x, props.rows]);
  return <div ref={place} class="k-chart" role="img" aria-label={props.label} />;
};
