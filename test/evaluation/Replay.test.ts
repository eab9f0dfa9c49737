import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { itemsOf } from "../../src/evaluation/BlendLists.ts";
import { byBlend, byVector, type Contestant, makeShopperVectors } from "../../src/evaluation/Contestant.ts";
import { everyLearner } from "../../src/evaluation/Contestants.ts";
import type { Shop } from "../../src/evaluation/LiveShop.ts";
import { prequential } from "../../src/evaluation/Prequential.ts";
import { replay } from "../../src/evaluation/Replay.ts";
import { meanNdcg, ndcgGain } from "../../src/evaluation/Scores.ts";
import { makeEma } from "../../src/learning/Ema.ts";
import { made, silent } from "./Made.ts";
import { makeShop, parameters } from "./Shop.ts";

const log = makeShop(() => true);
const input = made(log);
const testUsers = [...input.users];

describe("replay", () => {
  it.effect("of contestants at hand comes to the same as the report's own, whoever else takes part", () =>
    Effect.gen(function* () {
      const report = yield* prequential(input, silent);
      const few = (shop: Shop): ReadonlyArray<Contestant> => {
        const ema = makeShopperVectors(shop, makeEma(itemsOf(shop.factors), { rate: parameters.rate }));
        return [
          byBlend("blend", shop, shop.counted, parameters.blend),
          byBlend("with less taste", shop, shop.counted, { ...parameters.blend, taste: 0.1 }),
          byBlend("with a shorter memory", shop, shop.counted, { ...parameters.blend, decay: 0.3 }),
          byVector("EMA, cosine", shop, ema, "cosine"),
          byVector("EMA", shop, ema, "dot"),
        ];
      };
      const replayed = yield* replay(input, few, 20, silent);
      const own = (name: string) => report.learners.find((learner) => learner.name === name);
      expect(replayed.events).toBe(report.events);
      expect(replayed.shoppers).toBe(report.users);
      expect(meanNdcg(replayed, 0, 20).mean).toBeCloseTo(own("blend")?.ndcg[1] ?? 0, 10);
      expect(meanNdcg(replayed, 3, 20).mean).toBeCloseTo(own("ALS + EMA")?.cosine?.ndcg[1] ?? 0, 10);
      expect(meanNdcg(replayed, 4, 20).mean).toBeCloseTo(own("ALS + EMA")?.ndcg[1] ?? 0, 10);
      const gain = ndcgGain(replayed, 0, 4, 20);
      expect(gain.mean).toBeCloseTo(own("blend")?.gain.mean ?? 0, 10);
      expect(gain.margin).toBeCloseTo(own("blend")?.gain.margin ?? 0, 10);
      // What is found once for two blends is not found for a third that looks elsewhere.
      expect(new Set([0, 1, 2].map((c) => meanNdcg(replayed, c, 20).mean)).size).toBe(3);
    }),
  );

  it.effect("of some shoppers comes to what they have among all: the others' events count for what is popular", () =>
    Effect.gen(function* () {
      const all = yield* replay(input, (shop) => everyLearner(shop).map(({ contestant }) => contestant), 20, silent);
      const some = new Set(testUsers.filter((_, i) => i % 3 === 0));
      const part = yield* replay(
        { ...input, users: some },
        (shop) => everyLearner(shop).map(({ contestant }) => contestant),
        20,
        silent,
      );
      // In this shop no two shoppers come at one time.
      const times = new Set(part.time);
      const kept = Array.from({ length: all.events }, (_, event) => event).filter((event) =>
        times.has(all.time[event]),
      );
      expect(part.events).toBeGreaterThan(50);
      expect(kept.length).toBe(part.events);
      part.ranks.forEach((ranks, c) => {
        expect([...ranks]).toEqual(kept.map((event) => all.ranks[c][event]));
      });
    }),
  );
});
