import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as NodeContext from "@effect/platform-node/NodeContext";
import { expect, it } from "@effect/vitest";
import { Effect, Schema } from "effect";
import { evaluateLog } from "../../src/evaluation/Evaluate.ts";
import { Report } from "../../src/evaluation/Report.ts";
import { makeReports } from "../../src/evaluation/Reports.ts";
import { EvaluationSummary, isOf, summaryOf } from "../../src/evaluation/Summary.ts";
import { training } from "../support/Training.ts";
import { makeShop, parameters } from "./Shop.ts";

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "slipstream-reports-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true })),
);

it.effect("a summary has all that were compared, the best first, and what tells little", () =>
  Effect.gen(function* () {
    const report = yield* evaluateLog(
      makeShop(() => false),
      parameters,
    );
    const found = summaryOf(report);
    expect(Schema.decodeUnknownSync(EvaluationSummary, { onExcessProperty: "error" })(found)).toEqual(found);
    const { contestants } = found;
    expect(found).toMatchObject({ method: "stream", cases: report.prequential?.events, warnings: report.warnings });
    expect(contestants.map(({ name }) => name).toSorted()).toEqual(
      report.prequential?.learners.map(({ name }) => name).toSorted(),
    );
    expect(contestants.map(({ ndcg }) => ndcg.mean)).toEqual(
      contestants.map(({ ndcg }) => ndcg.mean).toSorted((a, b) => b - a),
    );
    const [served, ...others] = contestants.filter(({ serves }) => serves);
    expect(others).toEqual([]);
    expect(served?.gain).toEqual({ mean: 0, margin: 0 });
    expect(Date.parse(found.tested_from)).toBe(report.data.testFrom * 1000);

    const random = yield* evaluateLog(
      makeShop(() => false),
      { ...parameters, split: "random" },
    );
    expect(summaryOf(random)).toMatchObject({ method: "offline", cutoff: parameters.k, cases: random.offline.users });
    expect(summaryOf(random).contestants.every(({ gain, serves }) => gain === null && !serves)).toBe(true);

    const own = { parameters: report.parameters.model, learning: { ...report.parameters } };
    expect(isOf(report, own)).toBe(true);
    expect(isOf(report, { parameters: { ...own.parameters, regularizationExponent: 0 } })).toBe(true);
    expect(isOf(report, { ...own, parameters: { ...own.parameters, alpha: own.parameters.alpha + 1 } })).toBe(false);
    const learner = report.parameters.learner === "ema" ? "blend" : "ema";
    expect(isOf(report, { ...own, learning: { ...own.learning, learner } })).toBe(false);
  }).pipe(Effect.provide(training)),
);

it.scoped("reports are found newest first; one that cannot be read is passed over", () =>
  Effect.gen(function* () {
    const path = yield* folder;
    const reports = yield* makeReports(join(path, "reports"));
    expect(yield* reports).toEqual([]);
    mkdirSync(join(path, "reports"));
    const report = yield* Effect.provide(
      evaluateLog(
        makeShop(() => false),
        parameters,
      ),
      training,
    );
    const write = (name: string, value: unknown) => writeFileSync(join(path, "reports", name), JSON.stringify(value));
    const encoded = Schema.encodeSync(Report)(report);
    write("evaluation-20260101T000000.json", { ...encoded, createdAt: "2026-01-01T00:00:00Z" });
    write("evaluation-20260102T000000.json", { ...encoded, createdAt: "2026-01-02T00:00:00Z" });
    write("evaluation-20260103T000000.json", { version: 1 });
    write("live-20260104T000000.json", encoded);
    expect((yield* reports).map(({ createdAt }) => createdAt)).toEqual([
      "2026-01-02T00:00:00Z",
      "2026-01-01T00:00:00Z",
    ]);
    rmSync(join(path, "reports", "evaluation-20260102T000000.json"));
    expect((yield* reports).map(({ createdAt }) => createdAt)).toEqual(["2026-01-01T00:00:00Z"]);
  }).pipe(Effect.provide(NodeContext.layer)),
);
