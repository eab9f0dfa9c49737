import { describe, expect, it } from "vitest";
import { fewestShoppers } from "../../src/tuning/Begin.ts";
import { nothingScored } from "../../src/tuning/Problems.ts";

describe("shoppers that settings are measured on", () => {
  it("have enough events, and enough that can be scored, where there are so many", () => {
    // 300 of 900 events are of a third.
    expect(fewestShoppers(198, 900, { scored: 4 })).toBe(66);
    // A quarter more than the 100 events that are needed.
    expect(fewestShoppers(198, 900, { scored: 1.25 })).toBe(100);
    expect(fewestShoppers(198, 900, { scored: 0.1 })).toBe(198);
    expect(fewestShoppers(198, 900, { scored: 0 })).toBe(198);
  });

  it("who had too few events are said to be few where there were more, and else the events", () => {
    expect(nothingScored(91, 900, { all: 198, shoppers: 66 }, false)).toMatchObject({
      reason: "TooShort",
      message:
        "There was time for trying settings on 66 of 198 shoppers, the defaults stay: 91 of their events could be scored, and 100 are needed. " +
        "What was found is kept: `tune` goes on from there; give it more `--minutes`.",
    });
    expect(nothingScored(91, 900, { all: 198, shoppers: 198 }, true)).toMatchObject({
      reason: "TooLittle",
      message: expect.stringContaining(
        "of the 900 events to search on, 91 are of items that were known before; 100 are needed",
      ),
    });
  });
});
