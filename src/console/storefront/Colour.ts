/** Colour: what a shop's word for a colour looks like: `Dark Blue`, `light-pink`, `#a0522d`. */

/** Hue, chroma and lightness as OKLCH has them. */
interface Tone {
  readonly l: number;
  readonly c: number;
  readonly h: number;
}

const tones: Readonly<Record<string, Tone>> = {
  black: { l: 0.27, c: 0.01, h: 250 },
  white: { l: 0.97, c: 0.003, h: 90 },
  grey: { l: 0.66, c: 0.008, h: 250 },
  silver: { l: 0.79, c: 0.008, h: 250 },
  blue: { l: 0.56, c: 0.14, h: 256 },
  navy: { l: 0.34, c: 0.09, h: 262 },
  denim: { l: 0.52, c: 0.09, h: 255 },
  turquoise: { l: 0.72, c: 0.11, h: 195 },
  teal: { l: 0.55, c: 0.09, h: 190 },
  green: { l: 0.6, c: 0.14, h: 148 },
  khaki: { l: 0.57, c: 0.06, h: 115 },
  olive: { l: 0.53, c: 0.08, h: 110 },
  yellow: { l: 0.87, c: 0.15, h: 95 },
  mustard: { l: 0.75, c: 0.14, h: 85 },
  gold: { l: 0.77, c: 0.11, h: 85 },
  orange: { l: 0.72, c: 0.16, h: 55 },
  red: { l: 0.56, c: 0.2, h: 26 },
  burgundy: { l: 0.38, c: 0.12, h: 18 },
  pink: { l: 0.74, c: 0.13, h: 358 },
  purple: { l: 0.55, c: 0.16, h: 310 },
  lilac: { l: 0.75, c: 0.09, h: 308 },
  beige: { l: 0.84, c: 0.04, h: 80 },
  cream: { l: 0.94, c: 0.03, h: 90 },
  brown: { l: 0.45, c: 0.08, h: 50 },
  copper: { l: 0.62, c: 0.11, h: 48 },
  metal: { l: 0.72, c: 0.02, h: 240 },
};

/** Other words for the same, and beginnings of words in other tongues. */
const aliases: Readonly<Record<string, string>> = {
  gray: "grey",
  violet: "purple",
  rose: "pink",
  bordeaux: "burgundy",
  wine: "burgundy",
  tan: "beige",
  ivory: "cream",
  bronze: "copper",
  metallic: "metal",
  cyan: "turquoise",
  magenta: "purple",
  aqua: "turquoise",
};

const changes: Readonly<Record<string, (tone: Tone) => Tone>> = {
  dark: ({ l, c, h }) => ({ l: l * 0.66, c: c * 0.85, h }),
  light: ({ l, c, h }) => ({ l: l + (1 - l) * 0.55, c: c * 0.6, h }),
  off: ({ l, h }) => ({ l: l - 0.03, c: 0.018, h }),
  greyish: ({ l, c, h }) => ({ l, c: c * 0.4, h }),
  dusty: ({ l, c, h }) => ({ l, c: c * 0.5, h }),
  bright: ({ l, c, h }) => ({ l, c: c * 1.2, h }),
};

const hexadecimal = /^#(?:[\da-f]{3}|[\da-f]{6})$/i;

/** Undefined where no word of it is of a colour; the last that is one counts: a `yellowish green` is green. */
export const toneOf = (text: string): Tone | undefined => {
  const words = text.toLowerCase().split(/[^\p{L}]+/u);
  const base = words
    .map((word) => tones[aliases[word] ?? word])
    .filter((tone) => tone !== undefined)
    .at(-1);
  if (base === undefined) return undefined;
  return words.reduce((tone, word) => changes[word]?.(tone) ?? tone, base);
};

/** A colour of CSS. */
export const colourOf = (text: string): string | undefined => {
  if (hexadecimal.test(text.trim())) return text.trim();
  const tone = toneOf(text);
  return tone === undefined ? undefined : `oklch(${tone.l.toFixed(3)} ${tone.c.toFixed(3)} ${tone.h})`;
};

/** A hue for a text that names none: always the same. */
export const hueOf = (text: string): number => {
  let hash = 7;
  for (let at = 0; at < text.length; at++) hash = (hash * 31 + text.charCodeAt(at)) % 3600;
  return hash / 10;
};
