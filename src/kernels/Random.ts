/**
 * Random: seeded numbers, the same on every machine: xoshiro128**, seeded by splitmix32, under whatever is drawn.
 *
 * Source: D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47 (2021),
 * https://prng.di.unimi.it/xoshiro128starstar.c. Period 2^128 - 1. Not for secrets.
 */
export interface Random {
  /** A whole number in [0, 2^32). */
  readonly uint32: () => number;
  /** In [0, 1), in steps of 2^-32. */
  readonly uniform: () => number;
  /** A whole number in [0, n), n at most 2^32. */
  readonly below: (n: number) => number;
  /** True with probability p. */
  readonly chance: (p: number) => boolean;
  /** Standard normal (Marsaglia's polar method). */
  readonly normal: () => number;
  /** Exponential of mean 1. */
  readonly exponential: () => number;
}

/** MurmurHash3's finalizer: a bijection of the 32-bit numbers that scatters neighbours. */
export const mix32 = (value: number): number => {
  let z = value | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
};

const golden = 0x9e3779b9;

/** FNV-1a of the text's UTF-16 units, scattered. */
export const hashText = (text: string, seed = 0): number => {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix32(hash);
};

/** The bare generator from its state: four 32-bit words, not all 0. */
export const xoshiro128 = (words: readonly [number, number, number, number]): (() => number) => {
  // In variables: made for each answer, where an array costs more than the numbers that are drawn.
  let [first, second, third, fourth] = words;
  return () => {
    const five = Math.imul(second, 5);
    const c = third ^ first;
    const d = fourth ^ second;
    first = first ^ d;
    third = c ^ (second << 9);
    second = second ^ c;
    fourth = (d << 11) | (d >>> 21);
    return Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
  };
};

/**
 * Mulberry32 (Tommy Ettinger, public domain): whole numbers in [0, 2^32), period 2^32, from a state of 32 bits. A model's
 * first factors are drawn by it, so that a seed gives the model that it always gave; all else is drawn by xoshiro128**.
 */
export const mulberry32 = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return (bits ^ (bits >>> 14)) >>> 0;
  };
};

/** `seed`: a whole number in [0, 2^53). `purpose` names an independent sequence of the same seed. */
export const makeRandom = (seed: number, purpose: string): Random => {
  let state = (mix32(seed >>> 0) ^ mix32(Math.floor(seed / 2 ** 32) + golden) ^ hashText(purpose)) | 0;
  const split = (): number => {
    state = (state + golden) | 0;
    return mix32(state) | 0;
  };
  const uint32 = xoshiro128([split(), split(), split(), split() | 1]);
  /** The second of two normal numbers, which come in pairs; NaN: none is left. */
  let spare = Number.NaN;

  const uniform = (): number => uint32() * 2 ** -32;
  const normal = (): number => {
    const second = spare;
    if (!Number.isNaN(second)) {
      spare = Number.NaN;
      return second;
    }
    let x = 0;
    let y = 0;
    let s = 0;
    do {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      s = x * x + y * y;
    } while (s >= 1 || s === 0);
    const scale = Math.sqrt((-2 * Math.log(s)) / s);
    spare = y * scale;
    return x * scale;
  };
  return {
    uint32,
    uniform,
    below: (n) => Math.floor(uniform() * n),
    chance: (p) => uniform() < p,
    normal,
    exponential: () => -Math.log(1 - uniform()),
  };
};
