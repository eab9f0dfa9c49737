import { expect, it } from "vitest";
import { coloursOf, css, named } from "../../../src/console/items/map/Palette.ts";

it("each of the first values has a colour of its own in either theme, the rest that of others", () => {
  for (const isDark of [false, true]) {
    const colours = coloursOf(24, false, isDark).map(css);
    expect(colours).toHaveLength(26);
    expect(new Set(colours.slice(0, named + 1)).size).toBe(named + 1);
    expect(new Set(colours.slice(named + 1))).toEqual(new Set([colours.at(-1)]));
    const ranges = coloursOf(8, true, isDark).map(css);
    expect(new Set(ranges).size).toBe(10);
    expect(coloursOf(1, true, isDark)).toHaveLength(3);
  }
});
