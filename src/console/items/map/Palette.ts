/** Palette: the colours of the map's values, in either theme; the first twelve are told apart, all others are alike. */

export type Colour = readonly [red: number, green: number, blue: number];

/** So many values have a colour of their own. */
export const named = 12;

const light = "0d7267 d9822b b0307a 3f5fd0 7a8a1f c0392b 00a3b4 8e5bd0 5d4a37 e0679a 2f8f46 b59a00".split(" ");
const dark = "3fd0bb f3a94f ec7bb8 8fa6ff c3d15a ff8f86 63dbe8 c5a3ff c7ab8c ff9fc4 7ddf8f ffe066".split(" ");
const lightRange = "cfe8c9 a8d8b9 7bc5b1 4fafab 2f95a3 227796 235885 2a386b".split(" ");
const darkRange = "2b3f74 2c5f8f 2f7fa0 3b9dab 58b9b0 84d1b6 b4e4c1 e2f4d4".split(" ");
const other = { light: "8d9794", dark: "75827f" };
const none = { light: "c3cac7", dark: "465154" };

const colourOf = (hex: string): Colour => {
  const value = Number.parseInt(hex, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
};

/** By code of `MapColours`: none, the values, and others. A range of numbers goes from faint to strong. */
export const coloursOf = (values: number, ordered: boolean, isDark: boolean): ReadonlyArray<Colour> => {
  const theme = isDark ? "dark" : "light";
  const range = isDark ? darkRange : lightRange;
  const last = Math.max(1, values - 1);
  const own = Array.from({ length: values }, (_, n) =>
    ordered
      ? (range[Math.round((n / last) * (range.length - 1))] ?? other[theme])
      : ((isDark ? dark : light)[n] ?? other[theme]),
  );
  return [none[theme], ...own, other[theme]].map(colourOf);
};

export const css = ([red, green, blue]: Colour): string => `rgb(${red} ${green} ${blue})`;
