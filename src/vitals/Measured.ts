/** Measured: what a process counts and times as it goes. To count takes some 10 ns, to time some 30 ns beside reading the clock. */
import { type Histogram, makeHistogram } from "./Histogram.ts";

/** By which call an item was changed. */
export type ItemCall = "put" | "patch" | "delete";

/** Since an item was listed: less than an hour, a day, a week. */
export type ItemAge = "hour" | "day" | "week" | "older";

export interface Measured {
  /** An answer of this HTTP status was sent. */
  readonly answered: (status: number) => void;
  /** A request came with the key of this name. */
  readonly calledBy: (key: string) => void;
  /** So many seconds passed from a request to its answer; `route`: as it is declared, or `other`. */
  readonly requested: (route: string, seconds: number) => void;
  /** So many seconds passed from a query to its list, whose first item is of this source; `none`: it is empty. */
  readonly recommended: (source: string, seconds: number) => void;
  /** So many items were changed by such a call. */
  readonly changed: (call: ItemCall, items: number) => void;
  /** A place of an answer was given to a new item. */
  readonly explored: (age: ItemAge) => void;
  /** Seconds from when the log took an event to when what it did to a user of the model that serves was durable. */
  readonly freshness: Histogram;
  /** Of a role: records of the log that were applied, or archived, in one step. */
  readonly batches: (role: string) => Histogram;
  readonly counted: Readonly<Record<"answers" | "callers" | "changes" | "explored", ReadonlyMap<string, number>>>;
  readonly timed: Readonly<Record<"requests" | "recommendations" | "batches", ReadonlyMap<string, Histogram>>>;
}

const requestBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const listBounds = [0.0001, 0.00025, ...requestBounds.slice(0, 10)];
const freshnessBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600];
const batchBounds = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000];

const counter = <K>() => {
  const counts = new Map<K, number>();
  return {
    counts,
    add: (key: K, amount: number) => {
      counts.set(key, (counts.get(key) ?? 0) + amount);
    },
  };
};

const histograms = (bounds: ReadonlyArray<number>) => {
  const made = new Map<string, Histogram>();
  return {
    made,
    of: (key: string): Histogram => {
      const known = made.get(key);
      if (known !== undefined) return known;
      const one = makeHistogram(bounds);
      made.set(key, one);
      return one;
    },
  };
};

export const makeMeasured = (): Measured => {
  const answers = counter<number>();
  const callers = counter<string>();
  const changes = counter<string>();
  const explored = counter<string>();
  const requests = histograms(requestBounds);
  const recommendations = histograms(listBounds);
  const batches = histograms(batchBounds);
  return {
    answered: (status) => answers.add(status, 1),
    calledBy: (key) => callers.add(key, 1),
    requested: (route, seconds) => requests.of(route).update(seconds),
    recommended: (source, seconds) => recommendations.of(source).update(seconds),
    changed: (call, items) => changes.add(call, items),
    explored: (age) => explored.add(age, 1),
    freshness: makeHistogram(freshnessBounds),
    batches: batches.of,
    counted: {
      get answers() {
        return new Map(Array.from(answers.counts, ([status, count]) => [String(status), count]));
      },
      callers: callers.counts,
      changes: changes.counts,
      explored: explored.counts,
    },
    timed: { requests: requests.made, recommendations: recommendations.made, batches: batches.made },
  };
};
