import { describe, expect, it } from "vitest";
import { ago, compact, counted, duration, percent, precise, signed, whole } from "../../../src/console/kit/Format.ts";

describe("what is shown of", () => {
  it("differences, by their signs", () => {
    expect([signed(0.0249), signed(-0.00006), signed(-0.00004), signed(0)]).toEqual([
      "+0.0249",
      "−0.0001",
      "+0.0000",
      "+0.0000",
    ]);
  });

  it("numbers", () => {
    expect([
      whole(12345.6),
      compact(999),
      compact(12345),
      precise(0.012345),
      precise(0),
      precise(-0.0061),
      percent(0.1234),
    ]).toEqual(["12,346", "999", "12.3K", "0.0123", "0", "−0.0061", "12.3 %"]);
  });

  it("things that are counted, by how many", () => {
    expect([0, 1, 2, 1234].map((value) => counted(value, "event"))).toEqual([
      "0 events",
      "1 event",
      "2 events",
      "1,234 events",
    ]);
  });

  it("durations", () => {
    expect([0.84, 12.345, 1234, 61_000, 7_200_000, 200_000_000].map(duration)).toEqual([
      "840 µs",
      "12.3 ms",
      "1.23 s",
      "1 min",
      "2 h",
      "2 d",
    ]);
  });

  it("what is past, and what a clock that is ahead has of the future", () => {
    expect([ago(1000, 1500), ago(2000, 1000), ago(0, 5400)]).toEqual(["now", "now", "5 s ago"]);
  });
});
