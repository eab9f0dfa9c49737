import { describe, expect, it } from "@effect/vitest";
import { DateTime, Duration, Option } from "effect";
import * as fc from "fast-check";
import { nextAfter, planOf, planText, timeText } from "../../src/retraining/Times.ts";

const zoneOf = (name: string) => Option.getOrThrow(DateTime.zoneMakeNamed(name));
const daily = (at: string, zone: string) => Option.getOrThrow(planOf(Duration.zero, at, zoneOf(zone)));

// With clocks put forward at midnight, by half an hour, from a calendar that left a day out, and never.
const zones = ["Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia", "America/New_York", "UTC"];
const zone = fc.constantFrom(...zones);
const at = fc
  .tuple(fc.nat({ max: 23 }), fc.nat({ max: 59 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, "0")).join(":"));
const instant = fc.integer({ min: Date.UTC(2005, 0, 1), max: Date.UTC(2029, 11, 31) });

/** Made once: that takes long. */
const formatters = new Map(
  zones.map((timeZone) => [
    timeZone,
    {
      day: new Intl.DateTimeFormat("en-CA", { timeZone }),
      clock: new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" }),
    },
  ]),
);
const dayIn = (millis: number, name: string) => formatters.get(name)?.day.format(millis) ?? "";
const clockIn = (millis: number, name: string) => formatters.get(name)?.clock.format(millis) ?? "";

/** Days of the zone's calendar after that of `from`, the next ones. */
const daysAfter = (from: number, count: number, name: string): ReadonlyArray<string> => {
  const days = new Set<string>();
  for (let now = from; days.size <= count; now += 3_600_000) days.add(dayIn(now, name));
  return [...days];
};

describe("a time of day", () => {
  it("comes once on each day of the calendar, whatever the clocks do", () => {
    fc.assert(
      fc.property(zone, at, instant, (name, time, from) => {
        const plan = daily(time, name);
        const times = [nextAfter(plan, from)];
        for (let i = 1; i < 6; i++) times.push(nextAfter(plan, times[i - 1]!));
        expect(times[0]).toBeGreaterThan(from);
        const days = daysAfter(times[0]!, 5, name);
        expect(times.map((one) => dayIn(one, name))).toEqual(days.slice(0, 6));
        // Not more than two days ahead, where a day of the calendar is left out.
        expect(times[0]! - from).toBeLessThanOrEqual(50 * 3_600_000);
        // Any other than the time asked for is one after which clocks were put forward, by an hour or more within that day.
        for (const one of times) {
          const shown = clockIn(one, name);
          if (shown !== time) expect(shown > time).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("that the clocks leave out is just after, and of two the first", () => {
    const iso = (millis: number) => new Date(millis).toISOString();
    const between = Date.parse("2020-11-01T06:00:00Z");
    for (const [time, first] of [
      ["01:01", "2020-11-02T06:01:00.000Z"],
      ["01:45", "2020-11-02T06:45:00.000Z"],
      ["02:30", "2020-11-01T07:30:00.000Z"],
    ] as const)
      expect(iso(nextAfter(daily(time, "America/New_York"), between))).toBe(first);
    const spring = daily("02:30", "Europe/Berlin");
    expect(iso(nextAfter(spring, Date.UTC(2026, 2, 28, 12)))).toBe("2026-03-29T01:30:00.000Z");
    const autumn = daily("02:30", "Europe/Berlin");
    const first = nextAfter(autumn, Date.UTC(2026, 9, 24, 12));
    expect(iso(first)).toBe("2026-10-25T00:30:00.000Z");
    expect(iso(nextAfter(autumn, first))).toBe("2026-10-26T01:30:00.000Z");
  });

  it("is told with its zone", () => {
    expect(planText(daily("03:00", "Europe/Berlin"))).toBe("daily at 03:00 (Europe/Berlin)");
    expect(timeText(Date.UTC(2026, 10, 27, 2), zoneOf("Europe/Berlin"))).toBe("2026-11-27 03:00:00 +01:00");
  });
});

describe("a time between", () => {
  it("is counted from the last", () => {
    const plan = Option.getOrThrow(planOf(Duration.hours(6), "", zoneOf("UTC")));
    expect(nextAfter(plan, 1000)).toBe(1000 + 6 * 3_600_000);
    expect(planText(plan)).toBe("every 6h");
  });

  it("is a second at least, and none where it is zero", () => {
    expect(nextAfter(Option.getOrThrow(planOf(Duration.millis(1), "", zoneOf("UTC"))), 0)).toBe(1000);
    expect(planOf(Duration.zero, "", zoneOf("UTC"))).toEqual(Option.none());
  });
});
