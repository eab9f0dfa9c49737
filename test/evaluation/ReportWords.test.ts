import { describe, expect, it } from "vitest";
import type { DataReport } from "../../src/evaluation/Report.ts";
import { gained, period } from "../../src/evaluation/ReportWords.ts";

const data = (from: string, to: string): DataReport => ({
  ...{ interactions: 9, users: 3, items: 3, trainInteractions: 6, trainUsers: 3, trainItems: 3 },
  ...{ testInteractions: 3, testUsers: 3, testFrom: Date.parse(to) / 1000 },
  from: Date.parse(from) / 1000,
  to: Date.parse(to) / 1000,
});

describe("the words of a report", () => {
  it("tell of a period by days, by times where it is short, and once where it is none", () => {
    expect(period(data("2020-03-01T05:00Z", "2020-04-02T06:00Z"))).toBe("2020-03-01 to 2020-04-02");
    expect(period(data("2020-03-01T05:00Z", "2020-03-02T06:30Z"))).toBe("2020-03-01 05:00 to 2020-03-02 06:30");
    expect(period(data("2020-03-01T05:00Z", "2020-03-01T06:30Z"))).toBe("2020-03-01 05:00 to 06:30");
    expect(period(data("2020-03-01T05:00Z", "2020-03-01T05:00Z"))).toBe("2020-03-01 05:00");
  });

  it("give a difference its sign, none of nothing", () => {
    expect([0.01, -0.01, -0.00001].map((mean) => gained({ mean, margin: 0.002 }))).toEqual([
      "+0.0100 ± 0.0020",
      "−0.0100 ± 0.0020",
      "+0.0000 ± 0.0020",
    ]);
  });
});
