import { describe, expect, it } from "@effect/vitest";
import { Duration, Option } from "effect";
import * as fc from "fast-check";
import { expiredLog, logRetention } from "../../src/delta/LogExpiry.ts";
import { checkpointName, commitName, listing } from "../../src/delta/LogNames.ts";

/** A log of one commit per time, ascending, and checkpoints at some of its versions. */
const logs = fc.array(fc.nat(100), { minLength: 1, maxLength: 40 }).chain((times) =>
  fc.record({
    times: fc.constant(times.sort((a, b) => a - b)),
    checkpoints: fc.uniqueArray(fc.nat(times.length - 1)),
    cutoff: fc.nat(110),
  }),
);

describe("LogExpiry", () => {
  it("takes what is old and covered, and leaves every younger version readable", () => {
    fc.assert(
      fc.property(logs, ({ times, checkpoints, cutoff }) => {
        const names = [...times.map((_, version) => commitName(version)), ...checkpoints.map(checkpointName)];
        const expired = expiredLog(listing(names), new Map(times.entries()), cutoff);
        const gone = new Set(Option.match(expired, { onNone: () => [], onSome: (it) => it.names }));
        const left = listing(names.filter((name) => !gone.has(name)));
        const newest = times.length - 1;
        const young = times.findIndex((time) => time >= cutoff);
        for (let version = young < 0 ? newest : young; version <= newest; version++) {
          const base = left.checkpoints.findLast((checkpoint) => checkpoint.version <= version)?.version ?? -1;
          for (let next = base + 1; next <= version; next++) expect(left.commits).toContain(next);
        }
        for (const [version, time] of times.entries()) {
          if (time >= cutoff || version === newest) expect(gone).not.toContain(commitName(version));
        }
        // No more than that: another checkpoint could have stood in for all that is left before it.
        const begin = left.checkpoints[0]?.version ?? 0;
        const later = left.checkpoints.find(({ version }) => version > begin);
        if (later !== undefined) expect(later.version).toBeGreaterThan(young < 0 ? newest : young);
        if (left.checkpoints.length > 0 && gone.size > 0) expect(left.commits[0]).toBe(begin);
      }),
    );
  });

  it("goes by the table's properties, and keeps everything where it does not understand them", () => {
    const retention = (configuration: Record<string, string>) =>
      logRetention({ id: "t", schemaString: "", configuration });
    expect(retention({})).toEqual(Option.some(Duration.days(30)));
    expect(retention({ "delta.logRetentionDuration": "interval 2 weeks" })).toEqual(Option.some(Duration.weeks(2)));
    expect(retention({ "delta.logRetentionDuration": "7 days" })).toEqual(Option.some(Duration.days(7)));
    expect(retention({ "delta.logRetentionDuration": "a while" })).toEqual(Option.none());
    expect(retention({ "delta.enableExpiredLogCleanup": "false" })).toEqual(Option.none());
  });
});
