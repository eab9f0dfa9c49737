import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { colourOf, hueOf, toneOf } from "../../../src/console/storefront/Colour.ts";

const lightness = (text: string): number => toneOf(text)?.l ?? Number.NaN;

describe("a word for a colour", () => {
  it("is a colour, whatever its spelling", () => {
    for (const text of ["Dark Blue", "dark-blue", "DARK_BLUE"]) expect(colourOf(text)).toBe(colourOf("dark blue"));
    expect(colourOf("gray")).toBe(colourOf("Grey"));
    expect(colourOf("#A0522D")).toBe("#A0522D");
    for (const text of ["", "Solid", "unknown", "#12"]) expect(colourOf(text)).toBe(undefined);
  });

  it("is darker or lighter by the word before it", () => {
    for (const name of ["Blue", "Green", "Red", "Pink", "Beige"]) {
      expect(lightness(`Dark ${name}`)).toBeLessThan(lightness(name));
      expect(lightness(`Light ${name}`)).toBeGreaterThan(lightness(name));
    }
    expect(toneOf("Greenish Khaki")).toEqual(toneOf("Khaki"));
  });

  it("never leaves what a screen can show of lightness, however many words there are", () => {
    const words = fc.constantFrom("dark", "light", "off", "greyish", "dusty", "bright", "white", "black", "gold");
    fc.assert(
      fc.property(fc.array(words, { minLength: 1, maxLength: 6 }), (some) => {
        const tone = toneOf(some.join(" "));
        if (tone === undefined) return;
        expect(tone.l).toBeGreaterThanOrEqual(0);
        expect(tone.l).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("of none there is a hue, always the same", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(hueOf(text)).toBe(hueOf(text));
        expect(hueOf(text)).toBeGreaterThanOrEqual(0);
        expect(hueOf(text)).toBeLessThan(360);
      }),
    );
    expect(hueOf("comedy")).not.toBe(hueOf("drama"));
  });
});
