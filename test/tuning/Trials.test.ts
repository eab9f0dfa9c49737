import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import type { Result } from "../../src/tuning/Halving.ts";
import {
  beginTrials,
  forgetTrials,
  keepLook,
  keepResult,
  parseTrials,
  readTrials,
  type Search,
} from "../../src/tuning/Trials.ts";
import { inFolder } from "../support/Folder.ts";
import { defaults } from "./Defaults.ts";

const search: Search = { kind: "search", version: 1, data: "10-abc", until: 5, seed: 1, plan: "all", first: [] };
const result = (rung: number): Result => ({
  bracket: 0,
  rung,
  parameters: { ...defaults.parameters, regularizationExponent: 0.5 },
  arms: [{ learner: "ema", step: 0.2 }],
  events: 10,
  sums: [[1 / 3, 0.5]],
  trainSeconds: 1.5,
  passSeconds: 2,
});
const look = {
  kind: "look" as const,
  data: "10-abc",
  recipe: defaults,
  evidence: {
    cutoff: 20,
    defaultNdcg: 0.1,
    tunedNdcg: 0.2,
    gain: { mean: 0.1, margin: 0.05 },
    events: 10,
    shoppers: 3,
    from: 1,
    to: 5,
    interactions: 100,
    trials: 2,
    defaults,
  },
};

const file = "tuning/trials.jsonl";

describe("trials", () => {
  it("are read as they were kept", () =>
    Effect.runPromise(
      inFolder(() =>
        Effect.gen(function* () {
          expect(yield* readTrials).toBeUndefined();
          yield* beginTrials({ search, results: new Map(), looks: [] });
          yield* keepResult(result(0));
          yield* keepLook(look);
          yield* keepResult(result(1));
          const kept = yield* readTrials;
          expect(kept?.search).toEqual(search);
          expect([...(kept?.results.values() ?? [])]).toEqual([result(0), result(1)]);
          expect(kept?.looks).toEqual([look]);
          if (kept !== undefined) yield* beginTrials(kept);
          expect(yield* readTrials).toEqual(kept);
          expect(yield* forgetTrials).toBe(true);
          expect(yield* forgetTrials).toBe(false);
          expect(yield* readTrials).toBeUndefined();
        }),
      ),
    ));

  it("of a process that was killed while it wrote lack the last one alone, wherever that ends", () =>
    Effect.runPromise(
      inFolder((folder) =>
        Effect.gen(function* () {
          yield* beginTrials({ search, results: new Map(), looks: [] });
          yield* keepResult(result(0));
          const before = yield* folder.read(file);
          yield* keepResult(result(1));
          const after = yield* folder.read(file);
          for (let end = before.length; end < after.length; end += 7) {
            expect(parseTrials(after.slice(0, end))?.results.size).toBe(1);
          }
          expect(parseTrials(after)?.results.size).toBe(2);
        }),
      ),
    ));

  it("that are damaged count for nothing", () =>
    Effect.runPromise(
      inFolder((folder) =>
        Effect.gen(function* () {
          yield* beginTrials({ search, results: new Map(), looks: [] });
          yield* keepResult(result(0));
          yield* keepResult(result(1));
          const lines = (yield* folder.read(file)).split("\n");
          for (const damaged of [
            "",
            "no JSON\n",
            [lines[1], lines[2], ""].join("\n"),
            [lines[0], lines[1].slice(0, 40), lines[2], ""].join("\n"),
            [lines[0], lines[0], ""].join("\n"),
          ]) {
            yield* folder.write(file, damaged);
            expect(yield* readTrials, damaged).toBeUndefined();
          }
        }),
      ),
    ));
});
