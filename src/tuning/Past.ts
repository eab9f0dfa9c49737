/** Past: what a search looks at, and what is known of it already. */
import { Effect } from "effect";
import type { InteractionLog } from "../evaluation/InteractionLog.ts";
import { plural } from "../evaluation/ReportWords.ts";
import { fingerprintOf, logUntil, mostInteractions, type Parts, partsOf, sampleOf } from "./Parts.ts";
import { noInteractions, notParted, tooLittle } from "./Problems.ts";
import { beginTrials, type Kept, type Search } from "./Trials.ts";
import { counted } from "./Words.ts";

/** While that share came since a search was begun, it is left out: so that of a live shop can go on. */
const mostSince = 0.02;

export interface Past {
  readonly log: InteractionLog;
  readonly parts: Parts;
  /** Of all that it was sampled from. */
  readonly fingerprint: string;
  /** How many those were. */
  readonly interactions: number;
  /** The newest one's time. */
  readonly until: number;
}

/** Of `all` what the trials kept are of, where they are of this seed and little came since. */
export const pastOf = (all: InteractionLog, seed: number, kept: Kept | undefined) =>
  Effect.gen(function* () {
    if (all.length === 0) return yield* noInteractions;
    const before = kept?.search.seed === seed ? logUntil(all, kept.search.until) : undefined;
    const isLittle = before !== undefined && all.length - before.length <= mostSince * all.length;
    const whole = isLittle && fingerprintOf(before) === kept?.search.data ? before : all;
    const log = sampleOf(whole, mostInteractions, seed);
    if (log.length < whole.length) {
      yield* Effect.logInfo(
        `of ${counted(whole.length)} interactions those of a sample of shoppers are looked at: ${counted(log.length)}, of ${counted(log.userIds.length)} shoppers`,
      );
    }
    const parts = partsOf(log);
    if (parts === undefined) return yield* notParted(log);
    const little = tooLittle(log, parts);
    if (little !== undefined) return yield* little;
    const past: Past = {
      log,
      parts,
      fingerprint: fingerprintOf(whole),
      interactions: whole.length,
      until: whole.time[whole.length - 1],
    };
    return past;
  });

const differences: ReadonlyArray<readonly [keyof Search, string]> = [
  ["data", "the shop's data have changed"],
  ["seed", "the seed is another"],
  ["plan", "other settings are given, or this version searches otherwise"],
  ["shoppers", "there is time for another number of shoppers"],
];

/** Whether it is the same but for the number of shoppers. */
export const isSameSearch = (search: Search, kept: Kept | undefined): kept is Kept =>
  differences.every(([field]) => field === "shoppers" || kept?.search[field] === search[field]);

/** The trials kept, if they are of the same search; else none, and it is said why. What was tried on the newest events stays known. */
export const goOn = (search: Search, kept: Kept | undefined) =>
  Effect.gen(function* () {
    const found = differences.find(([field]) => kept?.search[field] !== search[field]);
    if (kept !== undefined && found === undefined) {
      if (kept.results.size > 0)
        yield* Effect.logInfo(`going on after ${plural(kept.results.size, "trial")} of the same search`);
      yield* beginTrials(kept);
      return kept;
    }
    if (kept !== undefined && kept.results.size > 0) {
      yield* Effect.logInfo(`the search begins anew, without its ${kept.results.size} trials, since ${found?.[1]}`);
    }
    const looks = (kept?.looks ?? []).filter(({ data }) => data === search.data);
    const begun: Kept = { search, results: new Map(), looks };
    yield* beginTrials(begun);
    return begun;
  });
