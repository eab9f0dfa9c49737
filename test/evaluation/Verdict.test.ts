import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { evaluateLog } from "../../src/evaluation/Evaluate.ts";
import type { Estimate, Report } from "../../src/evaluation/Report.ts";
import { htmlReport } from "../../src/evaluation/ReportHtml.ts";
import { formatReport } from "../../src/evaluation/ReportText.ts";
import { gainSentence, verdictOf, verdictSentence } from "../../src/evaluation/Verdict.ts";
import { training } from "../support/Training.ts";
import { makeShop, parameters } from "./Shop.ts";

const measured = evaluateLog(
  makeShop(() => true),
  parameters,
).pipe(Effect.provide(training));

/** The report with those gains in place of what was measured. */
const withGains = (report: Report, gains: Readonly<Record<string, Estimate>>): Report => ({
  ...report,
  prequential: report.prequential && {
    ...report.prequential,
    learners: report.prequential.learners.map((learner) => ({
      ...learner,
      gain: gains[learner.setting ?? learner.name] ?? { mean: 9, margin: 0 },
    })),
  },
});

describe("the verdict", () => {
  it.effect("chooses another learner only where its paired interval leaves 0 out", () =>
    Effect.gen(function* () {
      const report = yield* measured;
      const none = { mean: 0, margin: 0 };
      const cases = [
        { blend: { mean: 0.02, margin: 0.01 }, foldIn: { mean: 0.01, margin: 0 }, chosen: "blend", best: "blend" },
        { blend: { mean: 0.02, margin: 0.03 }, foldIn: { mean: 0.01, margin: 0.02 }, chosen: "ema", best: "blend" },
        { blend: { mean: -0.02, margin: 0.01 }, foldIn: { mean: -0.01, margin: 0 }, chosen: "ema", best: "fold-in" },
      ];
      for (const { best, blend, chosen, foldIn } of cases) {
        const given = withGains(report, { ema: none, blend, "fold-in": foldIn });
        const verdict = verdictOf(given);
        expect(verdict?.configured.setting).toBe("ema");
        expect(verdict?.chosen.setting).toBe(chosen);
        expect(verdict?.best.setting).toBe(best);
        const sentence = verdictSentence(given);
        expect(sentence).toContain("Configured is LEARNER=ema");
        if (chosen === "ema") expect(sentence).toContain("keep it");
        else expect(sentence).toContain(`choose LEARNER=${chosen}`);
      }
    }),
  );

  it.effect("says where what is only measured finds more than the configured learner, beyond chance", () =>
    Effect.gen(function* () {
      const none = { mean: 0, margin: 0 };
      const measuredOnly = ["popularity", "popularity, fading", "ALS, frozen", "item-kNN", "blend, frozen"];
      const gains = Object.fromEntries(["ema", "blend", "fold-in", ...measuredOnly].map((name) => [name, none]));
      const keep = "Configured is LEARNER=ema: keep it; no other learner finds more on this data";
      const report = yield* measured;
      const told = (more: Readonly<Record<string, Estimate>>, users = 20) => {
        const given = withGains(report, { ...gains, ...more });
        return verdictSentence({ ...given, prequential: given.prequential && { ...given.prequential, users } });
      };
      const own = report.prequential?.learners.find(({ setting }) => setting === "ema")?.ndcg.at(-1) ?? Number.NaN;
      const ahead = { "item-kNN": { mean: own / 4, margin: own / 5 }, popularity: { mean: own / 2, margin: own / 5 } };
      expect(told({})).toBe(keep);
      expect(told({ popularity: { mean: own / 4, margin: own / 4 } })).toBe(keep);
      expect(told(ahead)).toBe(
        `${keep}. But “popularity”, which is only measured, finds 50 % more: let tune search for settings that do`,
      );
      const few = "Configured is LEARNER=ema: keep it; 19 shoppers in the test part, too few to compare learners by";
      expect(told({}, 19)).toBe(few);
      expect(told({ ...ahead, blend: { mean: own, margin: own } }, 19)).toBe(few);
      expect(told({ ...ahead, blend: { mean: own, margin: 0 } })).toBe(
        "Configured is LEARNER=ema; choose LEARNER=blend, which would find 100 % more",
      );
    }),
  );

  it.effect("chooses by no fewer than twenty shoppers", () =>
    Effect.gen(function* () {
      const report = withGains(yield* measured, {
        ema: { mean: 0, margin: 0 },
        blend: { mean: 0.02, margin: 0.01 },
        "fold-in": { mean: 0, margin: 0 },
      });
      const of = (users: number): Report => ({
        ...report,
        prequential: report.prequential && { ...report.prequential, users },
      });
      expect(verdictOf(of(20))?.chosen.setting).toBe("blend");
      expect(verdictOf(of(19))?.chosen.setting).toBe("ema");
      expect(verdictSentence(of(19))).toBe(
        "Configured is LEARNER=ema: keep it; blend is ahead, of 19 shoppers, too few to choose by",
      );
    }),
  );

  it.effect(
    "leads the page and the text, with the gain and its interval; the configured learner gains nothing on itself",
    () =>
      Effect.gen(function* () {
        for (const learner of ["ema", "blend"] as const) {
          const report = yield* evaluateLog(
            makeShop(() => true),
            { ...parameters, learner },
          ).pipe(Effect.provide(training));
          const verdict = verdictOf(report);
          if (verdict === undefined) return expect.fail("nothing was scored");
          expect(verdict.configured.setting).toBe(learner);
          expect(verdict.configured.gain).toEqual({ mean: 0, margin: 0 });
          const last = (report.prequential?.cutoffs.length ?? 0) - 1;
          expect(verdict.best.gain.mean).toBeCloseTo(verdict.best.ndcg[last]! - verdict.configured.ndcg[last]!, 12);
          const sentence = verdictSentence(report);
          const gain = gainSentence(report);
          expect(gain).toContain(`± ${verdict.best.gain.margin.toFixed(4)} (95 % interval`);
          expect(formatReport(report).startsWith(`${sentence}.\n${gain}.\n`)).toBe(true);
          expect(htmlReport(report)).toContain(`<h1>${sentence}</h1><p class="gain">${gain}</p>`);
        }
      }),
  );

  it.effect("says so where nothing was streamed", () =>
    Effect.gen(function* () {
      const report = { ...(yield* measured), prequential: null };
      expect(verdictOf(report)).toBeUndefined();
      expect(verdictSentence(report)).toMatch(/nothing to compare/);
      expect(gainSentence(report)).toBe("");
    }),
  );
});
