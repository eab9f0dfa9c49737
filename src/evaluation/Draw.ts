/** Draw: a seeded sample without replacement. */
import { makeRandom } from "../kernels/Random.ts";

/** `count` of `values`, each equally likely, by a partial Fisher–Yates shuffle; all of them when there are no more. */
export const draw = (values: ReadonlyArray<number>, count: number, seed: number): ReadonlyArray<number> => {
  if (values.length <= count) return values;
  const random = makeRandom(seed, "evaluate.users");
  const pool = [...values];
  for (let i = 0; i < count; i++) {
    const j = i + random.below(pool.length - i);
    const chosen = pool[j];
    pool[j] = pool[i];
    pool[i] = chosen;
  }
  return pool.slice(0, count);
};
