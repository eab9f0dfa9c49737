/** Metrics: the vitals of this process in Prometheus's text format (https://prometheus.io/docs/instrumenting/exposition_formats). */
import { Effect, Option } from "effect";
import { DeadLetters, type DeadLettersStats } from "../ports/DeadLetters.ts";
import { EventLog } from "../ports/EventLog.ts";
import { type Family, families, type Known, type Labels } from "./Families.ts";
import type { Histogram } from "./Histogram.ts";
import { Vitals, type VitalsService } from "./Vitals.ts";

export const contentType = "text/plain; version=0.0.4";

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

const labelled = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
};

/** Nothing of what was never counted. */
const histogramLines = (name: string, labels: Labels, of: Histogram): ReadonlyArray<string> => {
  const { buckets, count, sum } = of.told();
  if (count === 0) return [];
  return [
    ...buckets.map(([bound, below]) => {
      const le = bound === Number.POSITIVE_INFINITY ? "+Inf" : bound;
      return `${name}_bucket${labelled({ ...labels, le })} ${below}\n`;
    }),
    `${name}_sum${labelled(labels)} ${sum}\n`,
    `${name}_count${labelled(labels)} ${count}\n`,
  ];
};

const familyText = (family: Family, known: Known): string => {
  const { help, name, type } = family;
  const lines =
    family.type === "histogram"
      ? Array.from(family.samples(known), ([labels, of]) => histogramLines(name, labels, of)).flat()
      : Array.from(family.samples(known), ([labels, value]) => `${name}${labelled(labels)} ${value}\n`);
  return lines.length === 0 ? "" : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
};

/** `ends`: the log's end offsets, where it told them; `letters` likewise. */
export const metricsText = (
  vitals: VitalsService,
  ends: ReadonlyArray<bigint> | undefined,
  letters: DeadLettersStats | undefined,
): string => {
  const known: Known = { vitals, ends, letters, now: Date.now() };
  return families.map((family) => familyText(family, known)).join("");
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
