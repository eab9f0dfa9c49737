import { expect, it } from "@effect/vitest";
import { type Followed, groupOf } from "../../../src/serving/live/Groups.ts";
import { makeHistogram } from "../../../src/vitals/Histogram.ts";
import { makePartition, type PartitionVitals } from "../../../src/vitals/Vitals.ts";

const followed = (own: ReadonlyArray<PartitionVitals>, committed?: Followed["committed"]): Followed => ({
  ...{ group: "updater-a", role: "updater", model: "a", serves: true, restarts: 2, committed },
  own: { group: "updater-a", role: "updater", partitions: new Map(own.map((one) => [one.partition, one])) },
});
const fiber = (partition: number, over: Partial<PartitionVitals>) => ({
  ...makePartition(partition, makeHistogram([1])),
  ...over,
});

it("tells each partition's state: of its fiber here, or by what another process committed", () => {
  const own = [
    fiber(0, { next: 5n }),
    fiber(1, { next: 5n, paused: true }),
    fiber(2, { next: 5n, paused: true, draining: true }),
    fiber(3, { next: 5n, state: "waiting", store: "user states", reason: "Redis at x is away" }),
    fiber(4, { next: 5n, state: "restarting", reason: "it broke", restarts: 3 }),
  ];
  const ends = [10n, 10n, 10n, 10n, 10n, 10n, 10n];
  const told = groupOf(followed(own, [0n, 0n, 0n, 0n, 0n, 8n, undefined]), ends, undefined, 1);
  expect(told.partitions.map(({ lag, state }) => [state, lag])).toEqual([
    ["running", 5],
    ["paused", 5],
    ["draining", 5],
    ["waiting", 5],
    ["restarting", 5],
    ["elsewhere", 2],
    ["elsewhere", null],
  ]);
  expect(told.partitions[3]).toMatchObject({ waits_for: "user states", reason: "Redis at x is away" });
  expect(told.partitions[4]).toMatchObject({ reason: "it broke", restarts: 3 });
  expect(told).toMatchObject({ lag: null, per_second: null, restarts: 2 });
});

it("tells how fast each goes, never backwards", () => {
  const before = new Map([["updater-a", [2n, 9n]]]);
  const told = groupOf(followed([fiber(0, { next: 12n }), fiber(1, { next: 4n })]), [20n, 20n], before, 2);
  expect(told.partitions.map(({ per_second }) => per_second)).toEqual([5, 0]);
  expect(told).toMatchObject({ lag: 24, per_second: 5 });
});

it("tells of the same partitions while the log does not answer, but of no lag", () => {
  const told = groupOf(followed([fiber(0, { next: 5n })]), [undefined, undefined], undefined, 1);
  expect(told.partitions.map(({ lag, state }) => [state, lag])).toEqual([
    ["running", null],
    ["elsewhere", null],
  ]);
  expect(told.lag).toBeNull();
  expect(groupOf(followed([]), [], undefined, 1)).toMatchObject({ lag: null, per_second: null, partitions: [] });
});
