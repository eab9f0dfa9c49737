/** Made: a log, split as the parameters say, with factors drawn by a seed in place of trained ones. */
import { countFollowers } from "../../src/evaluation/FollowerCounts.ts";
import type { InteractionLog } from "../../src/evaluation/InteractionLog.ts";
import type { Measured } from "../../src/evaluation/Measured.ts";
import { splitByDays } from "../../src/evaluation/Split.ts";
import { makeTrainingSet } from "../../src/evaluation/TrainingSet.ts";
import { makeRandom } from "../../src/kernels/Random.ts";
import { parameters } from "./Shop.ts";

export const silent = { advance: () => {}, note: () => {} };

const rank = 8;

/** All test users are scored. */
export const made = (log: InteractionLog): Measured => {
  const split = splitByDays(log, parameters.days);
  const set = makeTrainingSet(log, split.train);
  const random = makeRandom(3, "test.factors");
  const matrix = (rows: number): Float32Array =>
    Float32Array.from({ length: rows * rank }, () => random.uniform() - 0.5);
  return {
    log,
    split,
    set,
    factors: { rank, userFactors: matrix(set.users), itemFactors: matrix(set.items) },
    followers: countFollowers(log, split.train, set),
    users: new Set(Array.from(split.test, (at) => log.user[at])),
    parameters,
  };
};
