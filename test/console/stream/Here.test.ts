import { describe, expect, it } from "@effect/vitest";
import { aboutFigures } from "../../../src/console/stream/Here.ts";
import { health } from "../../../src/http/Settings.ts";
import type { LiveGroup, LivePartition } from "../../../src/serving/live/LiveState.ts";
import { families } from "../../../src/vitals/Families.ts";

const group = (serves: boolean, states: ReadonlyArray<LivePartition["state"]>): LiveGroup => ({
  ...{ group: "g", role: "updater", model: "m", serves, lag: 0, per_second: 0, restarts: 0 },
  partitions: states.map((state, partition) => ({
    ...{ partition, state, waits_for: null, reason: null, next: "1", lag: 0, per_second: 0, restarts: 0 },
  })),
});

describe("what is said of freshness and batches", () => {
  it("is nothing where this process applies all, or nothing serves", () => {
    expect(aboutFigures([group(true, ["running", "paused"])])).toBeUndefined();
    expect(aboutFigures([group(false, ["elsewhere"])])).toBeUndefined();
    expect(aboutFigures([])).toBeUndefined();
  });

  it("names where to look, by names that there are, where others apply all or some", () => {
    const none = aboutFigures([group(false, ["running"]), group(true, ["elsewhere", "elsewhere"])]) ?? "";
    expect(none).toContain("this process applies no events");
    for (const [name] of none.matchAll(/slipstream_\w+/g)) expect(families.map((one) => one.name)).toContain(name);
    expect(none).toContain(health.port.env);
    expect(aboutFigures([group(true, ["elsewhere", "waiting", "elsewhere"])])).toContain("1 of 3 partitions");
  });
});
