/**
 * Plan: which faults strike when, for how long: a function of the seed and the time alone.
 *
 * Kinds are drawn from a shuffled bag that holds each of them, so that a run of a bag's length has seen all.
 */
import { makeRandom, type Random } from "../../src/kernels/Random.ts";

export type RoleKind = "updater" | "archiver";

export type FaultKind =
  | `${RoleKind} ${"killed" | "paused" | "left" | "joined"}`
  | `${"broker" | "redis"} ${"killed" | "stopped" | "paused"}`;

export interface Fault {
  readonly kind: FaultKind;
  /** Milliseconds after the beginning. */
  readonly at: number;
  /** Milliseconds until what was done is undone. */
  readonly duration: number;
  /** Which role of its kind, as a number that is taken modulo how many there are. */
  readonly target: number;
}

/** Milliseconds, from and to. A pause of a role lasts longer than its session; a broker is away for up to 20 s. */
const durations = (session: number): Readonly<Record<FaultKind, readonly [number, number]>> => ({
  "updater killed": [500, 4_000],
  "archiver killed": [500, 4_000],
  "updater paused": [session + 1_000, session + 5_000],
  "archiver paused": [session + 1_000, session + 5_000],
  "updater left": [500, 4_000],
  "archiver left": [500, 4_000],
  "updater joined": [4_000, 12_000],
  "archiver joined": [4_000, 12_000],
  "broker killed": [5_000, 20_000],
  "broker stopped": [5_000, 20_000],
  "broker paused": [1_000, 8_000],
  "redis killed": [1_000, 8_000],
  "redis stopped": [1_000, 8_000],
  "redis paused": [1_000, 7_000],
});

const bag: ReadonlyArray<FaultKind> = [
  "updater killed",
  "updater killed",
  "updater killed",
  "archiver killed",
  "archiver killed",
  "updater paused",
  "updater paused",
  "archiver paused",
  "updater left",
  "archiver left",
  "updater joined",
  "archiver joined",
  "broker killed",
  "broker stopped",
  "broker paused",
  "redis killed",
  "redis stopped",
  "redis paused",
];

/** Mean milliseconds between two faults. */
const meanGap = 3_500;

const shuffled = <A>(values: ReadonlyArray<A>, random: Random): ReadonlyArray<A> => {
  const all = [...values];
  for (let i = all.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
};

/** Faults that begin within `millis`. `session`: a consumer's session timeout in milliseconds. */
export const makePlan = (seed: number, millis: number, session: number): ReadonlyArray<Fault> => {
  const random = makeRandom(seed, "chaos: faults");
  const spans = durations(session);
  const faults: Array<Fault> = [];
  let left: ReadonlyArray<FaultKind> = [];
  let at = 2_000;
  while (at < millis) {
    if (left.length === 0) left = shuffled(bag, random);
    const kind = left[0]!;
    left = left.slice(1);
    const [least, most] = spans[kind];
    faults.push({
      kind,
      at: Math.round(at),
      duration: Math.round(least + random.uniform() * (most - least)),
      target: random.below(1_000),
    });
    at += Math.min(3 * meanGap, 300 + random.exponential() * (meanGap - 300));
  }
  return faults;
};
