/**
 * Measured: what a process counts and times for /metrics alone, in a registry of Effect's metrics of its own, so that several
 * can be in one process. To count takes some 10 ns, to time some 90 ns.
 */
import { MetricBoundaries, type MetricHook, MetricKey, type MetricPair, MetricRegistry } from "effect";

/** other: the pages and probes, and what there is not. */
export type Asked = "recommend" | "events" | "items" | "other";

/** By which call an item was changed. */
export type ItemCall = "put" | "patch" | "delete";

/** Since an item was listed: less than an hour, a day, a week. */
export type ItemAge = "hour" | "day" | "week" | "older";

/** Seconds; `update` takes one more. */
type Durations = Pick<MetricHook.MetricHook.Histogram, "update">;

export interface Measured {
  /** An answer of this HTTP status was sent. */
  readonly answered: (status: number) => void;
  /** A request came with the key of this name. */
  readonly calledBy: (key: string) => void;
  /** From a request to its answer, by what was asked. */
  readonly requests: Readonly<Record<Asked, Durations>>;
  /** So many items were changed by such a call. */
  readonly changed: (call: ItemCall, items: number) => void;
  /** A place of an answer was given to a new item. */
  readonly explored: (age: ItemAge) => void;
  /** From when the log took an event to when what it did to a user was durable. */
  readonly freshness: Durations;
  /** All of it, as it is now. */
  readonly snapshot: () => ReadonlyArray<MetricPair.MetricPair.Untyped>;
}

const requestBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const freshnessBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600];

const answers = MetricKey.counter("slipstream_http_responses_total", {
  description: "Answers of the API by status.",
  incremental: true,
});
const callers = MetricKey.counter("slipstream_key_requests_total", {
  description: "Requests by the name of their key.",
  incremental: true,
});
const durations = MetricKey.histogram(
  "slipstream_http_request_duration_seconds",
  MetricBoundaries.fromIterable(requestBounds),
  "From a request to its answer.",
);
const explored = MetricKey.counter("slipstream_explored_total", {
  description: "Places of answers that were given to new items, by the time since they were listed.",
  incremental: true,
});
const changes = MetricKey.counter("slipstream_catalogue_changes_total", {
  description: "Changes of items that the API took, by kind.",
  incremental: true,
});
const freshness = MetricKey.histogram(
  "slipstream_event_freshness_seconds",
  MetricBoundaries.fromIterable(freshnessBounds),
  "From the log to the user's durable state.",
);

export const makeMeasured = (): Measured => {
  const registry = MetricRegistry.make();
  const byStatus = new Map<number, MetricHook.MetricHook.Counter<number>>();
  const byKey = new Map<string, MetricHook.MetricHook.Counter<number>>();
  const asked = (what: Asked) => registry.getHistogram(MetricKey.tagged(durations, "asked", what));
  const counted = (call: ItemCall) => registry.getCounter(MetricKey.tagged(changes, "kind", call));
  const calls = { put: counted("put"), patch: counted("patch"), delete: counted("delete") };
  const places = (age: ItemAge) => registry.getCounter(MetricKey.tagged(explored, "age", age));
  const byAge = { hour: places("hour"), day: places("day"), week: places("week"), older: places("older") };
  return {
    changed: (call, items) => calls[call].update(items),
    explored: (age) => byAge[age].update(1),
    answered: (status) => {
      const counter = byStatus.get(status) ?? registry.getCounter(MetricKey.tagged(answers, "status", String(status)));
      byStatus.set(status, counter);
      counter.update(1);
    },
    calledBy: (key) => {
      const counter = byKey.get(key) ?? registry.getCounter(MetricKey.tagged(callers, "key", key));
      byKey.set(key, counter);
      counter.update(1);
    },
    requests: { recommend: asked("recommend"), events: asked("events"), items: asked("items"), other: asked("other") },
    freshness: registry.getHistogram(freshness),
    snapshot: () => registry.snapshot(),
  };
};
