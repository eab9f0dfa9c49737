import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { byBlend } from "../../src/evaluation/Contestant.ts";
import { byRecipe } from "../../src/evaluation/Contestants.ts";
import { countFollowers } from "../../src/evaluation/FollowerCounts.ts";
import { replay } from "../../src/evaluation/Replay.ts";
import { splitByDays } from "../../src/evaluation/Split.ts";
import { makeTrainingSet } from "../../src/evaluation/TrainingSet.ts";
import { makeRandom } from "../../src/kernels/Random.ts";
import { contestantsOf } from "../../src/tuning/Arms.ts";
import { cellsOf, recipeOf } from "../../src/tuning/Space.ts";
import { makeShop, parameters } from "../evaluation/Shop.ts";
import { defaults, noneGiven } from "./Defaults.ts";

const silent = { advance: () => {}, note: () => {} };
const rank = 8;
const log = makeShop((user) => user % 3 === 0);
const split = splitByDays(log, 3);
const set = makeTrainingSet(log, split.train);
const random = makeRandom(3, "test.factors");
const matrix = (rows: number): Float32Array => Float32Array.from({ length: rows * rank }, () => random.uniform() - 0.5);
const input = {
  log,
  split,
  set,
  factors: { rank, userFactors: matrix(set.users), itemFactors: matrix(set.items) },
  followers: countFollowers(log, split.train, set),
  users: new Set(Array.from(split.test, (at) => log.user[at])),
  parameters,
};
const space = { defaults, given: noneGiven };

describe("an arm", () => {
  it.effect("of the blend has, at every weight of taste and popularity, the ranks of serving's lists", () =>
    Effect.gen(function* () {
      for (const step of [0.5, 0.93]) {
        const arm = { learner: "blend" as const, step };
        const cells = cellsOf(space, arm);
        expect(cells.length).toBe(56);
        const { events, ranks } = yield* replay(
          input,
          (shop) => [
            ...contestantsOf(shop, arm, cells),
            ...cells.map(({ popularity, taste }) =>
              byBlend("", shop, shop.counted, { decay: step, popularity, taste }),
            ),
          ],
          20,
          silent,
        );
        expect(events).toBeGreaterThan(100);
        cells.forEach((_, cell) => {
          expect([...ranks[cell]]).toEqual([...ranks[cells.length + cell]]);
        });
        expect(new Set(ranks.slice(0, cells.length).map((one) => one.join(" "))).size).toBeGreaterThan(20);
      }
    }),
  );

  it.effect("has the ranks of each recipe that can be made of it", () =>
    Effect.gen(function* () {
      for (const arm of [
        { learner: "ema", step: 0.35 },
        { learner: "fold-in", step: 0.7 },
        { learner: "blend", step: 0.6 },
      ] as const) {
        const cells = cellsOf(space, arm);
        const recipes = cells.map((cell) => recipeOf(space, parameters.model, arm, cell));
        const { ranks } = yield* replay(
          input,
          (shop) => [
            ...contestantsOf(shop, arm, cells),
            ...recipes.map((recipe) => byRecipe("", shop, recipe).contestant),
          ],
          20,
          silent,
        );
        expect(recipes[0].learning.learner).toBe(arm.learner);
        cells.forEach((_, cell) => {
          expect([...ranks[cell]]).toEqual([...ranks[cells.length + cell]]);
        });
      }
    }),
  );
});
