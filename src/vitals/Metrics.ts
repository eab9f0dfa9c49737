/** Metrics: the vitals of this process in Prometheus's text format (https://prometheus.io/docs/instrumenting/exposition_formats). */
import { Effect, MetricState, Option } from "effect";
import { DeadLetters, type DeadLettersStats } from "../ports/DeadLetters.ts";
import { EventLog } from "../ports/EventLog.ts";
import type { Measured } from "./Measured.ts";
import { type GroupVitals, Vitals, type VitalsService } from "./Vitals.ts";

export const contentType = "text/plain; version=0.0.4";

type Labels = Readonly<Record<string, string | number>>;
type Sample = readonly [Labels, number];

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

const labelled = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
};

const family = (name: string, type: "counter" | "gauge", help: string, samples: Iterable<Sample>): string => {
  const lines = Array.from(samples, ([labels, value]) => `${name}${labelled(labels)} ${value}\n`);
  return lines.length === 0 ? "" : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
};

const histogramLines = (name: string, labels: Labels, { buckets, count, sum }: MetricState.MetricState.Histogram) => [
  ...buckets.map(([bound, below]) => {
    const le = bound >= Number.MAX_VALUE ? "+Inf" : bound;
    return `${name}_bucket${labelled({ ...labels, le })} ${below}\n`;
  }),
  `${name}_sum${labelled(labels)} ${sum}\n`,
  `${name}_count${labelled(labels)} ${count}\n`,
];

/** What was counted or timed at least once. */
const measuredFamilies = (measured: Measured): string => {
  const families = new Map<string, string>();
  const add = (name: string, type: string, help: string, lines: ReadonlyArray<string>) => {
    const head = families.get(name) ?? `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
    families.set(name, head + lines.join(""));
  };
  for (const { metricKey, metricState } of measured.snapshot()) {
    const { name, tags } = metricKey;
    const help = Option.getOrElse(metricKey.description, () => name);
    const labels = Object.fromEntries(tags.map(({ key, value }) => [key, value]));
    if (MetricState.isCounterState(metricState)) {
      add(name, "counter", help, [`${name}${labelled(labels)} ${metricState.count}\n`]);
    } else if (MetricState.isHistogramState(metricState) && metricState.count > 0) {
      add(name, "histogram", help, histogramLines(name, labels, metricState));
    }
  }
  return [...families.values()].join("");
};

/** Events of an owned partition that are not durable in the role's store yet; undefined while that is not known. */
export const lagOf = (ends: ReadonlyArray<bigint> | undefined, partition: number, next: bigint | undefined) => {
  const end = ends?.[partition];
  if (end === undefined || next === undefined) return undefined;
  return end > next ? Number(end - next) : 0;
};

const partitionsOf = (groups: Iterable<GroupVitals>) =>
  Array.from(groups, (group) => Array.from(group.partitions.values(), (vitals) => ({ group, vitals }))).flat();

/** `ends`: the log's end offsets, where it told them; `letters` likewise. */
export const metricsText = (
  vitals: VitalsService,
  ends: ReadonlyArray<bigint> | undefined,
  letters: DeadLettersStats | undefined,
): string => {
  const { archive, attributed, catalogue, groups, measured, outcomes, producer, restarts, retraining } = vitals;
  const owned = partitionsOf(groups);
  const only = (count: number): ReadonlyArray<Sample> => (count === 0 ? [] : [[{}, count]]);
  const known = (value: number | undefined): ReadonlyArray<Sample> => (value === undefined ? [] : [[{}, value]]);
  const cpu = process.cpuUsage();
  return [
    family(
      "slipstream_events_total",
      "counter",
      "Events by what became of them.",
      Array.from(outcomes, ([model, counts]) =>
        Array.from(counts, ([outcome, count]): Sample => [{ model, outcome }, count]),
      ).flat(),
    ),
    family(
      "slipstream_recommended_items_total",
      "counter",
      "Items that answers held, by source, position and model.",
      attributed.items(),
    ),
    family(
      "slipstream_recommendation_events_total",
      "counter",
      "Events that came of answers, by type and by the item's source and position in the answer.",
      attributed.events(),
    ),
    family(
      "slipstream_partition_lag",
      "gauge",
      "Events of an owned partition that are not applied, or archived, yet.",
      owned.flatMap(({ group, vitals: { next, partition } }): ReadonlyArray<Sample> => {
        const lag = lagOf(ends, partition, next);
        return lag === undefined ? [] : [[{ group: group.group, partition }, lag]];
      }),
    ),
    family(
      "slipstream_partition_running",
      "gauge",
      "1 while an owned partition runs, 0 while it waits or starts over.",
      owned.map(
        ({ group, vitals: { partition, state } }): Sample => [
          { group: group.group, partition },
          state === "running" ? 1 : 0,
        ],
      ),
    ),
    family(
      "slipstream_partition_restarts_total",
      "counter",
      "Failures that made a partition start over.",
      Array.from(restarts, ([group, count]): Sample => [{ group }, count]),
    ),
    family("slipstream_archived_rows_total", "counter", "Events written to raw/events.", only(archive.rows)),
    family("slipstream_archive_commits_total", "counter", "Commits to raw/events.", only(archive.commits)),
    family(
      "slipstream_archive_last_commit_timestamp_seconds",
      "gauge",
      "When raw/events was last written to.",
      only((archive.lastCommit ?? 0) / 1000),
    ),
    family(
      "slipstream_retraining_runs_total",
      "counter",
      "Batches that were run by themselves, by what became of them.",
      Array.from(retraining.runs, ([outcome, count]): Sample => [{ outcome }, count]),
    ),
    family(
      "slipstream_retraining_last_end_timestamp_seconds",
      "gauge",
      "When the last batch that was run by itself ended.",
      only((retraining.now?.last?.ended ?? 0) / 1000),
    ),
    family(
      "slipstream_retraining_next_timestamp_seconds",
      "gauge",
      "When the next batch is run by itself.",
      only((retraining.now?.next ?? 0) / 1000),
    ),
    family("slipstream_produced_events_total", "counter", "Events that the producer sent.", only(producer.events)),
    measuredFamilies(measured),
    family(
      "slipstream_catalogue_items",
      "gauge",
      "Items of the catalogue, by whether they may be recommended.",
      Object.entries(catalogue.states?.(Date.now()) ?? {}).map(([state, count]): Sample => [{ state }, count]),
    ),
    family("slipstream_dead_letters", "gauge", "Dead letters that are kept.", known(letters?.count)),
    family("slipstream_dead_letters_bytes", "gauge", "Bytes of the dead letters.", known(letters?.bytes)),
    family(
      "slipstream_dead_letters_oldest_timestamp_seconds",
      "gauge",
      "When the oldest dead letter was given up.",
      known(letters?.oldest),
    ),
    family(
      "slipstream_outage",
      "gauge",
      "1 while a role waits for a store, or cannot write to it.",
      vitals.outages().map(({ role, store }): Sample => [{ role, store }, 1]),
    ),
    family("process_resident_memory_bytes", "gauge", "Resident memory.", [[{}, process.memoryUsage.rss()]]),
    family("process_cpu_seconds_total", "counter", "Processor time.", [[{}, (cpu.user + cpu.system) / 1e6]]),
    family("process_start_time_seconds", "gauge", "When the process started.", [
      [{}, (Date.now() - process.uptime() * 1000) / 1000],
    ]),
  ].join("");
};

/** The log's end offsets; undefined when it does not tell them within two seconds. */
export const endOffsets = Effect.flatMap(EventLog, (log) =>
  log.endOffsets.pipe(
    Effect.timeout("2 seconds"),
    Effect.orElseSucceed(() => undefined),
  ),
);

/** As `endOffsets`; undefined also in a process that has no dead letters to do with. */
const lettersStats = Effect.flatMap(
  Effect.serviceOption(DeadLetters),
  Option.match({
    onNone: () => Effect.succeed(undefined),
    onSome: ({ stats }) =>
      stats.pipe(
        Effect.timeout("2 seconds"),
        Effect.orElseSucceed(() => undefined),
      ),
  }),
);

/** The text now. */
export const metrics = Effect.gen(function* () {
  const vitals = yield* Vitals;
  const [ends, letters] = yield* Effect.all(
    [vitals.groups.size === 0 ? Effect.succeed(undefined) : endOffsets, lettersStats],
    { concurrency: 2 },
  );
  return metricsText(vitals, ends, letters);
});
