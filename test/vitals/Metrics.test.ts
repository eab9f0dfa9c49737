import { readFileSync } from "node:fs";
import { expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { families } from "../../src/vitals/Families.ts";
import { metricsText } from "../../src/vitals/Metrics.ts";
import { metricsTable } from "../../src/vitals/MetricsTable.ts";
import { makePartition, makeVitals } from "../../src/vitals/Vitals.ts";

it("tells of dead letters what their store tells", () => {
  const lines = (letters: Parameters<typeof metricsText>[2]) =>
    metricsText(makeVitals(), undefined, letters)
      .split("\n")
      .filter((line) => line.startsWith("slipstream_dead_letters"));
  expect(lines({ count: 3, bytes: 1200, oldest: 1.5 })).toEqual([
    "slipstream_dead_letters 3",
    "slipstream_dead_letters_bytes 1200",
    "slipstream_dead_letters_oldest_timestamp_seconds 1.5",
  ]);
  expect(lines({ count: 0, bytes: undefined, oldest: undefined })).toEqual(["slipstream_dead_letters 0"]);
  expect(lines(undefined)).toEqual([]);
});

it("tells how long requests took, by route, in cumulative buckets", () => {
  const vitals = makeVitals();
  for (const seconds of [0.0001, 0.0005, 0.0006, 0.2, 7]) vitals.measured.requested("POST /events", seconds);
  const lines = metricsText(vitals, undefined, undefined)
    .split("\n")
    .filter((line) => line.includes("slipstream_http_request_duration_seconds"));
  expect(lines[1]).toBe("# TYPE slipstream_http_request_duration_seconds histogram");
  const value = (text: string) =>
    Number(
      lines
        .find((line) => line.includes(text))
        ?.split(" ")
        .at(-1),
    );
  expect(value('_bucket{route="POST /events",le="0.0005"}')).toBe(2);
  expect(value('_bucket{route="POST /events",le="0.1"}')).toBe(3);
  expect(value('_bucket{route="POST /events",le="2.5"}')).toBe(4);
  expect(value('_bucket{route="POST /events",le="+Inf"}')).toBe(5);
  expect(value('_count{route="POST /events"}')).toBe(5);
  expect(value('_sum{route="POST /events"}')).toBeCloseTo(7.2012);
  expect(lines.some((line) => line.includes("recommend"))).toBe(false);
});

/** One of everything that there is to tell. */
const everything = Effect.gen(function* () {
  const vitals = makeVitals();
  const { attributed, measured } = vitals;
  const partition = { ...makePartition(0, measured.batches("updater")), next: 3n };
  vitals.groups.add({ group: "updater-a", role: "updater", partitions: new Map([[0, partition]]) });
  vitals.restarts.set("updater-a", 1);
  vitals.outcomes.set("a", new Map([["applied", 3]]));
  Object.assign(vitals.archive, { rows: 1, commits: 1, lastCommit: 1000 });
  vitals.producer.events = 1;
  vitals.catalogue.states = () => ({ open: 1 });
  const last = { started: 0, ended: 1000, outcome: "done", model: "a", detail: undefined } as const;
  vitals.retraining.now = { plan: "every 1d", next: 1000, runningSince: undefined, last };
  vitals.retraining.runs.set("done", 1);
  vitals.eventLoop.delay = { p50: 0.001, p99: 0.002, max: 0.003 };
  vitals.index.size = () => ({ model: "a", items: 7, bytes: 1792 });
  vitals.caches.set("conditions", () => ({ entries: 2, bytes: 64 }));
  measured.answered(200);
  measured.calledBy("shop");
  measured.requested("GET /items", 0.001);
  measured.recommended("personalized", 0.001);
  measured.changed("put", 1);
  measured.explored("hour");
  measured.freshness.update(0.01);
  partition.batches.update(3);
  attributed.answered("a", [{ source: "personalized" }]);
  attributed.acted("click", "x", undefined, () => true);
  yield* vitals.waiting("updater").begin("updater-a partition 0", { store: "user states", reason: "away" });
  return metricsText(vitals, [10n], { count: 1, bytes: 1, oldest: 1 });
});

it.effect("tells each family with the labels that it names, once there is something to tell", () =>
  Effect.map(everything, (text) => {
    const found = new Map<string, Set<string>>();
    const types = new Map<string, string>();
    for (const line of text.trimEnd().split("\n")) {
      const [, typed, type] = /^# TYPE (\w+) (\w+)$/.exec(line) ?? [];
      if (typed !== undefined && type !== undefined) types.set(typed, type);
      const [, full = "", labels = ""] = /^(\w+)(?:\{(.*)\})? [\d.e+-]+$/.exec(line) ?? [];
      if (full === "") continue;
      const stem = full.replace(/_(?:bucket|sum|count)$/, "");
      const name = types.get(stem) === "histogram" ? stem : full;
      const named = [...labels.matchAll(/(\w+)="/g)].flatMap(([, label = ""]) => (label === "le" ? [] : [label]));
      found.set(name, new Set([...(found.get(name) ?? []), ...named]));
    }
    const told = Array.from(found, ([name, labels]) => ({ name, type: types.get(name), labels: [...labels] }));
    expect(told).toEqual(families.map(({ labels, name, type }) => ({ name, type, labels })));
  }),
);

it("tells what OPERATIONS.md lists", () => {
  const text = readFileSync(new URL("../../OPERATIONS.md", import.meta.url), "utf8");
  const [, listed] = text.split(/<!-- \/?metrics -->\n/);
  expect(listed?.trim(), "run `npm run readme`").toBe(metricsTable());
});
