/** Families: every metric that there is, with its type and labels: what /metrics tells, and what OPERATIONS.md lists. */
import type { DeadLettersStats } from "../ports/DeadLetters.ts";
import type { Histogram } from "./Histogram.ts";
import type { GroupVitals, VitalsService } from "./Vitals.ts";

export type Labels = Readonly<Record<string, string | number>>;
export type Sample = readonly [Labels, number];

/** What metrics are made of. */
export interface Known {
  readonly vitals: VitalsService;
  /** The log's end offsets, where it told them. */
  readonly ends: ReadonlyArray<bigint> | undefined;
  readonly letters: DeadLettersStats | undefined;
  /** Unix milliseconds. */
  readonly now: number;
}

interface Named {
  readonly name: string;
  readonly help: string;
  readonly labels: ReadonlyArray<string>;
}

export interface Plain extends Named {
  readonly type: "counter" | "gauge";
  readonly samples: (known: Known) => Iterable<Sample>;
}

export interface Timed extends Named {
  readonly type: "histogram";
  readonly samples: (known: Known) => Iterable<readonly [Labels, Histogram]>;
}

export type Family = Plain | Timed;

/** Events of an owned partition that are not durable in the role's store yet; undefined while that is not known. */
export const lagOf = (ends: ReadonlyArray<bigint> | undefined, partition: number, next: bigint | undefined) => {
  const end = ends?.[partition];
  if (end === undefined || next === undefined) return undefined;
  return end > next ? Number(end - next) : 0;
};

const partitionsOf = (groups: Iterable<GroupVitals>) =>
  Array.from(groups, (group) => Array.from(group.partitions.values(), (vitals) => ({ group, vitals }))).flat();

const of =
  (type: Plain["type"]) =>
  (name: string, labels: ReadonlyArray<string>, help: string, samples: Plain["samples"]): Plain => ({
    ...{ type, name, labels, help, samples },
  });
const counter = of("counter");
const gauge = of("gauge");
const histogram = (name: string, labels: ReadonlyArray<string>, help: string, samples: Timed["samples"]): Timed => ({
  ...{ type: "histogram", name, labels, help, samples },
});

/** Nothing is told of what never happened here. */
const only = (count: number): ReadonlyArray<Sample> => (count === 0 ? [] : [[{}, count]]);
const known = (value: number | undefined): ReadonlyArray<Sample> => (value === undefined ? [] : [[{}, value]]);
const by = <A>(label: string, counts: ReadonlyMap<string, A>): ReadonlyArray<readonly [Labels, A]> =>
  Array.from(counts, ([value, count]) => [{ [label]: value }, count] as const);

const stream: ReadonlyArray<Family> = [
  counter("slipstream_events_total", ["model", "outcome"], "Events by what became of them.", ({ vitals }) =>
    Array.from(vitals.outcomes, ([model, counts]) =>
      Array.from(counts, ([outcome, count]): Sample => [{ model, outcome }, count]),
    ).flat(),
  ),
  histogram(
    "slipstream_event_freshness_seconds",
    [],
    "From when the log took an event to the user's durable state, by the model that serves.",
    ({ vitals }) => [[{}, vitals.measured.freshness]],
  ),
  histogram(
    "slipstream_batch_events",
    ["role"],
    "Records of the log that were applied, or archived, in one step.",
    ({ vitals }) => by("role", vitals.measured.timed.batches),
  ),
  gauge(
    "slipstream_partition_lag",
    ["group", "partition"],
    "Events of an owned partition that are not applied, or archived, yet.",
    ({ ends, vitals: { groups } }) =>
      partitionsOf(groups).flatMap(({ group, vitals: { next, partition } }): ReadonlyArray<Sample> => {
        const lag = lagOf(ends, partition, next);
        return lag === undefined ? [] : [[{ group: group.group, partition }, lag]];
      }),
  ),
  gauge(
    "slipstream_partition_running",
    ["group", "partition"],
    "1 while an owned partition runs, 0 while it waits or starts over.",
    ({ vitals: { groups } }) =>
      partitionsOf(groups).map(
        ({ group, vitals: { partition, state } }): Sample => [
          { group: group.group, partition },
          state === "running" ? 1 : 0,
        ],
      ),
  ),
  counter(
    "slipstream_partition_restarts_total",
    ["group"],
    "Failures that made a partition start over.",
    ({ vitals }) => by("group", vitals.restarts),
  ),
  counter("slipstream_archived_rows_total", [], "Events written to raw/events.", ({ vitals }) =>
    only(vitals.archive.rows),
  ),
  counter("slipstream_archive_commits_total", [], "Commits to raw/events.", ({ vitals }) =>
    only(vitals.archive.commits),
  ),
  gauge("slipstream_archive_last_commit_timestamp_seconds", [], "When raw/events was last written to.", ({ vitals }) =>
    only((vitals.archive.lastCommit ?? 0) / 1000),
  ),
  counter("slipstream_produced_events_total", [], "Events that the producer sent.", ({ vitals }) =>
    only(vitals.producer.events),
  ),
  gauge("slipstream_dead_letters", [], "Dead letters that are kept.", ({ letters }) => known(letters?.count)),
  gauge("slipstream_dead_letters_bytes", [], "Bytes of the dead letters.", ({ letters }) => known(letters?.bytes)),
  gauge(
    "slipstream_dead_letters_oldest_timestamp_seconds",
    [],
    "When the oldest dead letter was given up.",
    ({ letters }) => known(letters?.oldest),
  ),
];

const api: ReadonlyArray<Family> = [
  histogram(
    "slipstream_http_request_duration_seconds",
    ["route"],
    "From a request to its answer, by the route as the API declares it; `other`: there is none.",
    ({ vitals }) => by("route", vitals.measured.timed.requests),
  ),
  histogram(
    "slipstream_recommendation_duration_seconds",
    ["source"],
    "From a query to its list, by the source of the list's first item; `none`: it is empty.",
    ({ vitals }) => by("source", vitals.measured.timed.recommendations),
  ),
  counter("slipstream_http_responses_total", ["status"], "Answers of the API by status.", ({ vitals }) =>
    by("status", vitals.measured.counted.answers),
  ),
  counter("slipstream_key_requests_total", ["key"], "Requests by the name of their key.", ({ vitals }) =>
    by("key", vitals.measured.counted.callers),
  ),
  counter(
    "slipstream_recommended_items_total",
    ["source", "position", "model"],
    "Items that answers held, by source, position and model.",
    ({ vitals }) => vitals.attributed.items(),
  ),
  counter(
    "slipstream_recommendation_events_total",
    ["event_type", "source", "position", "model"],
    "Events that came of answers, by type and by the item's source and position in the answer.",
    ({ vitals }) => vitals.attributed.events(),
  ),
  counter(
    "slipstream_explored_total",
    ["age"],
    "Places of answers that were given to new items, by the time since they were listed.",
    ({ vitals }) => by("age", vitals.measured.counted.explored),
  ),
  counter(
    "slipstream_catalogue_changes_total",
    ["kind"],
    "Changes of items that the API took, by kind.",
    ({ vitals }) => by("kind", vitals.measured.counted.changes),
  ),
  gauge(
    "slipstream_catalogue_items",
    ["state"],
    "Items of the catalogue, by whether they may be recommended.",
    ({ now, vitals }) =>
      Object.entries(vitals.catalogue.states?.(now) ?? {}).map(([state, count]): Sample => [{ state }, count]),
  ),
  gauge("slipstream_index_items", ["model"], "Items of the model that serves.", ({ vitals: { index } }) =>
    [index.size?.()].flatMap(
      (size): ReadonlyArray<Sample> => (size === undefined ? [] : [[{ model: size.model }, size.items]]),
    ),
  ),
  gauge(
    "slipstream_index_bytes",
    ["model"],
    "Bytes of its items' vectors, followers, popularity and states in this process, those that are searched included; without texts.",
    ({ vitals: { index } }) =>
      [index.size?.()].flatMap(
        (size): ReadonlyArray<Sample> => (size === undefined ? [] : [[{ model: size.model }, size.bytes]]),
      ),
  ),
  gauge("slipstream_cache_entries", ["cache"], "Entries of a cache of this process.", ({ vitals: { caches } }) =>
    Array.from(caches, ([cache, size]): Sample => [{ cache }, size().entries]),
  ),
  gauge("slipstream_cache_bytes", ["cache"], "Bytes of a cache of this process.", ({ vitals: { caches } }) =>
    Array.from(caches, ([cache, size]): Sample => [{ cache }, size().bytes]),
  ),
];

const whole: ReadonlyArray<Family> = [
  counter(
    "slipstream_retraining_runs_total",
    ["outcome"],
    "Batches that were run by themselves, by what became of them.",
    ({ vitals }) => by("outcome", vitals.retraining.runs),
  ),
  gauge(
    "slipstream_retraining_last_end_timestamp_seconds",
    [],
    "When the last batch that was run by itself ended.",
    ({ vitals }) => only((vitals.retraining.now?.last?.ended ?? 0) / 1000),
  ),
  gauge("slipstream_retraining_next_timestamp_seconds", [], "When the next batch is run by itself.", ({ vitals }) =>
    only((vitals.retraining.now?.next ?? 0) / 1000),
  ),
  gauge(
    "slipstream_outage",
    ["role", "store"],
    "1 while a role waits for a store, or cannot write to it.",
    ({ vitals }) => vitals.outages().map(({ role, store }): Sample => [{ role, store }, 1]),
  ),
  gauge(
    "slipstream_event_loop_delay_seconds",
    ["quantile"],
    "For how long the process's thread was held, in the last ten seconds: half, 0.99 and all of the looks at it.",
    ({ vitals: { eventLoop } }) => {
      if (eventLoop.delay === undefined) return [];
      const { max, p50, p99 } = eventLoop.delay;
      return [
        [{ quantile: "0.5" }, p50],
        [{ quantile: "0.99" }, p99],
        [{ quantile: "1" }, max],
      ];
    },
  ),
  gauge("process_resident_memory_bytes", [], "Resident memory.", () => [[{}, process.memoryUsage.rss()]]),
  counter("process_cpu_seconds_total", [], "Processor time.", () => {
    const { system, user } = process.cpuUsage();
    return [[{}, (user + system) / 1e6]];
  }),
  gauge("process_start_time_seconds", [], "When the process started.", ({ now }) => [
    [{}, now / 1000 - process.uptime()],
  ]),
];

export const families: ReadonlyArray<Family> = [...stream, ...api, ...whole];
