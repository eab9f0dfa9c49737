/** The prequential protocol on MovieLens latest-small (https://grouplens.org/datasets/movielens), every rating an event. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { evaluateLog } from "../../src/evaluation/Evaluate.ts";
import type { InteractionLog } from "../../src/evaluation/InteractionLog.ts";
import { training } from "../support/Training.ts";
import { makeLogBuilder } from "./LogBuilder.ts";
import { parameters } from "./Shop.ts";

const folder = process.env.MOVIELENS_DIR;
if (folder === undefined) console.warn("MOVIELENS_DIR is not set: the MovieLens acceptance test is skipped.");

const readRatings = (path: string): InteractionLog => {
  const builder = makeLogBuilder();
  for (const line of readFileSync(path, "utf8").split(/\r?\n/).slice(1)) {
    const [user, movie, , timestamp] = line.split(",");
    if (timestamp !== undefined) builder.add(user, movie, 2, 1, Number(timestamp));
  }
  return builder.finish();
};

describe.skipIf(folder === undefined)("MovieLens latest-small (MOVIELENS_DIR)", () => {
  it.effect(
    "frozen and fading popularity find alike; EMA a third more, the fold-in over half as much again, the blend twice as much",
    () =>
      Effect.gen(function* () {
        const model = { rank: 32, regularization: 0.01, alpha: 1, iterations: 15, seed: 42 };
        const { prequential } = yield* evaluateLog(readRatings(join(folder ?? "", "ratings.csv")), {
          ...parameters,
          split: "fraction",
          popularDays: 0,
          model,
        });
        expect(prequential?.events).toBe(15_861);
        const hits = Object.fromEntries((prequential?.learners ?? []).map(({ name, hit }) => [name, hit[1]]));
        const close = (name: string, expected: number): void => {
          expect(hits[name], name).toBeGreaterThan(expected * 0.85);
          expect(hits[name], name).toBeLessThan(expected * 1.15);
        };
        close("popularity", 0.077);
        close("popularity, fading", 0.106);
        close("ALS, frozen", 0.103);
        close("ALS + EMA", 0.141);
        close("ALS + fold-in", 0.165);
        close("blend", 0.202);
        const blend = prequential?.learners.find(({ setting }) => setting === "blend");
        expect(blend?.ndcg[1]).toBeGreaterThan(0.088);
        // Beyond chance.
        expect((blend?.gain.mean ?? 0) - (blend?.gain.margin ?? 1)).toBeGreaterThan(0);
      }).pipe(Effect.provide(training)),
    120_000,
  );
});
