/** Moments: what this process has counted at a moment, and what happened between two. */
import { type Histogram, quantilesOf } from "../../vitals/Histogram.ts";
import type { VitalsService } from "../../vitals/Vitals.ts";
import type { Latency, LiveState } from "./LiveState.ts";

interface Counts {
  readonly bounds: Float64Array;
  readonly counts: Float64Array;
  readonly sum: number;
}

export interface Moment {
  /** Unix milliseconds. */
  readonly now: number;
  readonly freshness: Counts;
  /** Undefined before the first. */
  readonly batches: Counts | undefined;
  readonly requests: Counts | undefined;
  readonly recommendations: Counts | undefined;
  /** Microseconds. */
  readonly cpu: number;
}

const countsOf = (histogram: Histogram): Counts => ({
  bounds: histogram.bounds,
  counts: histogram.counts(),
  sum: histogram.told().sum,
});

/** Of histograms with the same bounds. */
const together = (all: ReadonlyArray<Counts>): Counts | undefined => {
  const [first] = all;
  if (first === undefined) return undefined;
  const counts = new Float64Array(first.counts.length);
  for (const one of all) for (let at = 0; at < counts.length; at++) counts[at] += one.counts[at]!;
  return { bounds: first.bounds, counts, sum: all.reduce((sum, one) => sum + one.sum, 0) };
};

export const momentOf = ({ measured }: VitalsService, now: number): Moment => {
  const { batches, requests } = measured.timed;
  const updater = batches.get("updater");
  const routes = [...requests];
  const { system, user } = process.cpuUsage();
  const recommending = routes.filter(([route]) => / \/recommend\b/.test(route));
  return {
    now,
    freshness: countsOf(measured.freshness),
    batches: updater === undefined ? undefined : countsOf(updater),
    requests: together(routes.map(([, one]) => countsOf(one))),
    recommendations: together(recommending.map(([, one]) => countsOf(one))),
    cpu: user + system,
  };
};

interface Between {
  readonly count: number;
  readonly sum: number;
  readonly p50: number;
  readonly p99: number;
}

const between = (before: Counts | undefined, after: Counts | undefined): Between | undefined => {
  if (after === undefined) return undefined;
  const former = before?.counts ?? new Float64Array(after.counts.length);
  const [p50 = 0, p99 = 0] = quantilesOf(after.bounds, former, after.counts, [0.5, 0.99]) ?? [];
  const count = after.counts.reduce((total, one, at) => total + one - former[at]!, 0);
  return count === 0 ? undefined : { count, sum: after.sum - (before?.sum ?? 0), p50, p99 };
};

const latencyOf = (found: Between | undefined, seconds: number): Latency | null =>
  found === undefined
    ? null
    : { per_second: found.count / seconds, p50_ms: 1000 * found.p50, p99_ms: 1000 * found.p99 };

/** What happened between; nothing is known of it where there is no moment before. */
export const sinceOf = (
  before: Moment | undefined,
  after: Moment,
): Pick<LiveState, "requests" | "recommendations"> &
  Pick<LiveState["events"], "freshness" | "batches"> & { readonly cpu: number | null } => {
  if (before === undefined) {
    return { requests: null, recommendations: null, freshness: null, batches: null, cpu: null };
  }
  const seconds = Math.max(0.001, (after.now - before.now) / 1000);
  const freshness = between(before.freshness, after.freshness);
  const batches = between(before.batches, after.batches);
  return {
    requests: latencyOf(between(before.requests, after.requests), seconds),
    recommendations: latencyOf(between(before.recommendations, after.recommendations), seconds),
    freshness: freshness === undefined ? null : { p50_ms: 1000 * freshness.p50, p99_ms: 1000 * freshness.p99 },
    batches:
      batches === undefined
        ? null
        : { per_second: batches.count / seconds, mean: batches.sum / batches.count, p99: batches.p99 },
    cpu: (after.cpu - before.cpu) / 1e6 / seconds,
  };
};
