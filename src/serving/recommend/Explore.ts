/**
 * Explore: gives a share of an answer's places to new items, so that shoppers tell what they are worth.
 *
 * Each place but the first is given to one with the same probability, so that the share is that of all places in the mean;
 * what stood there moves on, and the last falls out. Who has no taste on record explores nothing, and an answer that holds all
 * that is eligible stays as it is. All is decided by the request's seed; without one, by who asks, the model and what they did last,
 * so that the same request has the same answer until something has happened.
 */
import { Effect } from "effect";
import type { Interaction } from "../../domain/UserState.ts";
import { hashText, makeRandom, type Random } from "../../kernels/Random.ts";
import { placeChance } from "../../learning/NewItemDraw.ts";
import type { Bound } from "../../learning/Stages.ts";
import type { ItemAge } from "../../vitals/Measured.ts";
import { Vitals } from "../../vitals/Vitals.ts";
import type { Serving } from "../ServingModel.ts";
import { exploring } from "../Settings.ts";
import type { Candidate } from "./Candidate.ts";
import type { Gate } from "./Eligibility.ts";
import type { Passing } from "./Passing.ts";
import type { Sinking } from "./Rotation.ts";
import type { Shopper } from "./Shopper.ts";

/** `list` with a share of its places given to what `draw` answers, as long as it answers anything; the very list where none is. */
export const withExplored = (
  list: ReadonlyArray<Candidate>,
  share: number,
  random: Random,
  draw: () => Candidate | undefined,
): ReadonlyArray<Candidate> => {
  const k = list.length;
  const chance = placeChance(share, k);
  /** From the first that is explored on. */
  let answer: Array<Candidate> | undefined;
  let next = 1;
  for (let place = 1; place < k; place++) {
    const explored = random.chance(chance) ? draw() : undefined;
    if (explored !== undefined) {
      answer ??= list.slice(0, place);
      answer.push(explored);
      continue;
    }
    answer?.push(list[next]);
    next++;
  }
  return answer ?? list;
};

/** Of whoever asks without one. */
export const seedOf = (model: string, user: string | null, interactions: ReadonlyArray<Interaction>): number => {
  const last = interactions.at(-1);
  // A visitor is who has done just this.
  const done = user === null ? interactions.map(({ itemIdx }) => itemIdx).join() : (last?.itemIdx ?? "null");
  // As JSON.stringify writes it, of which it is most of the time.
  const who = `${JSON.stringify(model)},${JSON.stringify(user)}`;
  return hashText(`[${who},${interactions.length},${last?.time ?? "null"},[${done}]]`);
};

/** By the time since it was first listed, in milliseconds. */
const ageOf = (millis: number): ItemAge =>
  millis < 3_600_000 ? "hour" : millis < 86_400_000 ? "day" : millis < 604_800_000 ? "week" : "older";

export interface ToExplore extends Shopper {
  /** Of whoever asks; undefined where there is none. */
  readonly taste: () => Float32Array | undefined;
  /** Whether what is explored counts: it is shown to somebody. */
  readonly isCounted: boolean;
  readonly serving: Serving;
  readonly passing: Passing;
  /** Unix milliseconds. */
  readonly now: number;
  readonly isEligible: Gate;
  readonly variants: Bound<Candidate>;
  readonly seed: number | undefined;
  readonly minScore: number | undefined;
  readonly sinking: Pick<Sinking, "sunk">;
  /** The blend's score of a row; undefined by other learners, whose score is the nearness of two vectors. */
  readonly scoreOf: ((row: number) => number) | undefined;
}

export const makeExplore = Effect.gen(function* () {
  const share = yield* exploring.share.config;
  const { explored } = (yield* Vitals).measured;

  return (list: ReadonlyArray<Candidate>, asked: ToExplore): ReadonlyArray<Candidate> => {
    const { isEligible, now, passing, scoreOf, serving, state, user, variants } = asked;
    const { catalogue, model, newItems } = serving;
    if (share === 0 || list.length < 2) return list;
    const rows = passing.fresh();
    if (rows.length === 0) return list;
    const random = makeRandom(asked.seed ?? seedOf(model, user, state.interactions), "explore");
    let taken: Set<number> | undefined;
    const takenNow = (): Set<number> => {
      taken ??= new Set(list.map(({ itemIdx }) => itemIdx));
      return taken;
    };
    const candidateOf = (row: number, taste: Float32Array): Candidate => {
      const score = scoreOf?.(row) ?? newItems.nearness(row, taste);
      return asked.sinking.sunk({ itemIdx: catalogue.itemIdx[row], row, source: "new", score });
    };
    const allowed = (row: number): boolean => {
      const candidate: Candidate = { itemIdx: catalogue.itemIdx[row], row, source: "new", score: 0 };
      return !takenNow().has(candidate.itemIdx) && isEligible(candidate) && !variants.isOneTooMany(candidate);
    };
    return withExplored(list, share, random, () => {
      const taste = asked.taste();
      const row = taste === undefined ? undefined : newItems.draw(rows, taste, random, allowed);
      if (taste === undefined || row === undefined) return undefined;
      const candidate = candidateOf(row, taste);
      if (asked.minScore !== undefined && candidate.score < asked.minScore) return undefined;
      takenNow().add(catalogue.itemIdx[row]);
      if (asked.isCounted) explored(ageOf(now - catalogue.listedAt(row)));
      variants.took(candidate);
      return candidate;
    });
  };
});
