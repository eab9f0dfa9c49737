/** Shop: small synthetic logs with known tastes. */
import type { InteractionLog } from "../../src/evaluation/InteractionLog.ts";
import type { EvaluateParameters } from "../../src/evaluation/Report.ts";
import { makeRandom } from "../../src/kernels/Random.ts";
import { makeLogBuilder } from "./LogBuilder.ts";

export const day = 86_400;

export const parameters: EvaluateParameters = {
  split: "time",
  days: 5,
  fraction: 0.8,
  k: 12,
  maxUsers: 1_000_000,
  repeats: false,
  popularDays: 30,
  learner: "ema",
  rate: 0.2,
  decay: 0.8,
  blend: { decay: 0.8, taste: 0.2, popularity: 0.3 },
  metric: "dot",
  debounceSeconds: 300,
  seed: 7,
  model: { rank: 8, regularization: 0.01, alpha: 1, iterations: 8, seed: 1 },
};

/**
 * `users` who buy of one of `tastes` departments each, `items` items per department, some more popular than others,
 * for 30 days; in the last five, those of whom `shifts` holds buy of the next department.
 */
export const makeShop = (shifts: (user: number) => boolean): InteractionLog => {
  const [users, tastes, items] = [160, 4, 80];
  const random = makeRandom(11, "test.shop");
  const builder = makeLogBuilder();
  for (let at = 0; at < 30; at++) {
    for (let user = 0; user < users; user++) {
      if (random.chance(0.6)) continue;
      const taste = (user + (at >= 25 && shifts(user) ? 1 : 0)) % tastes;
      const item = Math.floor(items * random.uniform() ** 2.5);
      builder.add(`user ${user}`, `item ${taste}/${item}`, 2, 1, (19_000 + at) * day + 60 * user);
    }
  }
  return builder.finish();
};
