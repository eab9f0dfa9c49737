/** New items in evaluate: found by what they are, among all that are listed. */
import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { evaluateLog } from "../../src/evaluation/Evaluate.ts";
import type { InteractionLog } from "../../src/evaluation/InteractionLog.ts";
import { newItemsSentence, newItemsTable } from "../../src/evaluation/Newcomers.ts";
import { makeRandom } from "../../src/kernels/Random.ts";
import { tryChance } from "../../src/learning/NewItemDraw.ts";
import { training } from "../support/Training.ts";
import { makeLogBuilder } from "./LogBuilder.ts";
import { day, parameters } from "./Shop.ts";

const [departments, perDepartment, users] = [8, 24, 240];
/** Of each department's items: the first so many are there from the start, as many again come in the last days, the rest is never bought. */
const [learnt, sold] = [12, 18];

/** Shoppers of one department each; everything listed is described by its department and a colour that tells nothing. */
const shop = (): InteractionLog => {
  const random = makeRandom(5, "test.new-items");
  const builder = makeLogBuilder();
  for (let at = 0; at < 30; at++) {
    for (let user = 0; user < users; user++) {
      if (random.chance(0.7)) continue;
      const fresh = at >= 26 && random.chance(0.4);
      const item = fresh ? learnt + random.below(sold - learnt) : random.below(learnt);
      builder.add(`user ${user}`, `item ${user % departments}/${item}`, 2, 1, (19_000 + at) * day + user);
    }
  }
  const all = Array.from(
    { length: departments * perDepartment },
    (_, n) => `item ${n % departments}/${Math.floor(n / departments)}`,
  );
  const log = builder.finish(new Set(all));
  const known = new Set(log.itemIds);
  const descriptionOf = (id: string) => {
    const [department, item] = id.slice(5).split("/").map(Number);
    return [`department=${department}`, `colour=${item! % 3}`];
  };
  const listed = [...log.itemIds, ...all.filter((id) => !known.has(id))];
  return { ...log, descriptions: listed.map(descriptionOf) };
};

const evaluated = (log: InteractionLog) =>
  Effect.map(
    Effect.provide(evaluateLog(log, { ...parameters, learner: "blend", days: 4 }), training),
    ({ prequential }) => prequential!,
  );

describe("new items", () => {
  it.effect("are found by the shopper's taste far beyond chance, among all that are listed and unknown", () =>
    Effect.gen(function* () {
      const found = yield* evaluated(shop());
      expect(found.newItems.placed).toBe(departments * (perDepartment - learnt));
      expect(found.newItems.events).toBeGreaterThan(100);
      const chance = 20 / found.newItems.placed;
      const of = (name: string) => found.learners.find((one) => one.name === name)!;
      for (const name of ["ALS + EMA", "ALS + fold-in", "blend"]) {
        const { newItemHit, newItemTried } = of(name);
        expect(newItemHit.mean - newItemHit.margin).toBeGreaterThan(3 * chance);
        // 12 items of which a twentieth are drawn from 96: 0.6 / 96 by chance.
        expect(newItemTried.mean).toBeGreaterThan(2 * (0.6 / 96));
      }
      for (const name of ["popularity", "item-kNN"]) {
        expect(of(name).newItemHit.mean).toBe(0);
        expect(of(name).newItemTried.mean).toBe(0);
      }
      expect(newItemsSentence(found)).toMatch(
        /The 96 items that attributes place are ranked among each other \(recall@20 by chance: 0\.2083\)$/,
      );
      const [head, ...rows] = newItemsTable(found);
      expect(head?.slice(1)).toEqual(["recall@20 among new items", "shown where EXPLORE_SHARE=0.05 tries some"]);
      expect(rows.find(([name]) => name === "blend")?.[2]).toMatch(/^0\.0\d+ ± 0\.0\d+$/);
      expect(rows.find(([name]) => name === "ALS, frozen")?.[2]).toBe("–");
    }),
  );

  it.effect("of which the items file tells nothing are found by nobody", () =>
    Effect.gen(function* () {
      const log = shop();
      const found = yield* evaluated({
        ...log,
        descriptions: log.descriptions!.map(() => []),
      });
      expect(found.newItems.placed).toBe(0);
      expect(found.learners.map(({ newItemHit }) => newItemHit.mean)).toEqual(found.learners.map(() => 0));
      expect(tryChance(1, 0, 0.05, 12)).toBe(0);
    }),
  );
});
