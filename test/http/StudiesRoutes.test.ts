/** Tuning and evaluating over HTTP: started, told of, refused where they cannot be; the studies themselves are the test's. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Deferred, Effect } from "effect";
import { type BatchEnd, BatchesError } from "../../src/ports/Batches.ts";
import { Studies, type StudiesService, type Study } from "../../src/ports/Studies.ts";
import { Turns } from "../../src/ports/Turns.ts";
import { type Ask, expectProblem, fieldsOf, inShop, type Reply } from "./Served.ts";

const start = { method: "POST" };
const until = (ask: Effect.Effect<Reply>, is: (reply: Reply) => boolean) => Effect.repeat(ask, { until: is });
const ended = (ask: Ask, path: string, runs: number) =>
  until(ask(path), ({ body }) => (body.ended as ReadonlyArray<unknown>).length === runs);

/** A folder with a CSV file to look at. */
const withData = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = mkdtempSync(join(tmpdir(), "slipstream-studies-"));
    mkdirSync(join(folder, "raw"));
    writeFileSync(join(folder, "raw", "transactions_train.csv"), "");
    return folder;
  }),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true })),
);

const inStudies = <A, E>(
  run: StudiesService["run"],
  use: (ask: Ask, folder: string) => Effect.Effect<A, E>,
  at?: string,
) =>
  Effect.scoped(
    Effect.flatMap(withData, (DATA_DIR) =>
      inShop((ask) => use(ask, DATA_DIR), { DATA_DIR }).pipe(
        Effect.provideService(Studies, { run }),
        Effect.provideService(Turns, { take: () => (work) => work, at: () => Effect.succeed(at) }),
      ),
    ),
  );

const evidence = {
  ...{ cutoff: 20, defaultNdcg: 0.1, tunedNdcg: 0.12, gain: { mean: 0.02, margin: 0.005 }, events: 900, shoppers: 80 },
  ...{ from: 1_700_000_000, to: 1_700_086_400, interactions: 5000, trials: 30 },
};
const parameters = { rank: 16, regularization: 1, alpha: 2, iterations: 10, seed: 42 };
const learning = { learner: "blend", rate: 0.1, decay: 0.9, blend: { decay: 0.9, taste: 1, popularity: 0.3 } };
const recipe = { parameters, learning, metric: "dot" };

describe("a tuning", () => {
  it.live("is started once, tells how far it is, and what was found", () =>
    Effect.gen(function* () {
      const end = yield* Deferred.make<BatchEnd>();
      const asked: Array<Study> = [];
      const run: StudiesService["run"] = (study, onStep) => {
        asked.push(study);
        onStep({ name: "tuning", done: 3, of: 60, unit: "seconds", note: "trial 2: rank 64" });
        return Deferred.await(end);
      };
      yield* inStudies(run, (ask, folder) =>
        Effect.gen(function* () {
          expect((yield* ask("/tuning")).body).toEqual({ running: null, ended: [], tuned: null });
          const wrong = yield* ask("/tuning?minutes=0", start);
          expectProblem(wrong, 400, /0\.01 to 1440/);
          expect(fieldsOf(wrong)).toEqual(["minutes"]);
          const replies = yield* Effect.all([ask("/tuning?minutes=1", start), ask("/tuning", start)], {
            concurrency: 2,
          });
          expect(replies.map(({ status }) => status).sort()).toEqual([202, 409]);
          const begun = replies.find(({ status }) => status === 202)?.body;
          const at = yield* until(ask("/tuning"), ({ text }) => text.includes("trial 2"));
          expect(at.body.running).toMatchObject({ id: begun?.id, step: { done: 3, of: 60, note: "trial 2: rank 64" } });
          expectProblem(yield* ask("/tuning", start), 409, /A tuning is under way: GET \/tuning/);
          // Of another kind one may run beside it.
          expect((yield* ask("/evaluation")).body).toEqual({ running: null, ended: [], newest: null });
          writeFileSync(
            join(folder, "tuned.json"),
            JSON.stringify({
              ...{ tunedAt: "2026-01-02T03:04:05Z", seed: 1, ...recipe, proven: true },
              evidence: { ...evidence, defaults: recipe },
            }),
          );
          yield* Deferred.succeed(end, { code: 0, detail: "" });
          const { body } = yield* ended(ask, "/tuning", 1);
          expect(body.running).toBeNull();
          expect(body.ended).toMatchObject([{ id: begun?.id, outcome: "done", detail: null }]);
          expect(body.tuned).toMatchObject({
            ...{ tuned_at: "2026-01-02T03:04:05Z", proven: true, learner: "blend" },
            worth: { tuned_ndcg: 0.12, gain: { mean: 0.02, margin: 0.005 }, tested_from: "2023-11-14T22:13:20.000Z" },
          });
          expect(asked).toHaveLength(1);
        }),
      );
    }),
  );

  it.live("is refused while another process tunes, or where there is nothing to look at", () =>
    Effect.gen(function* () {
      const never: StudiesService["run"] = () => Effect.die("it was started");
      yield* inStudies(
        never,
        (ask) => Effect.map(ask("/tuning", start), (reply) => expectProblem(reply, 409, /Now another process/)),
        "another process (17) is tuning, since 10:15:30",
      );
      yield* inShop(
        (ask) =>
          Effect.gen(function* () {
            for (const path of ["/tuning", "/evaluation"]) {
              expectProblem(yield* ask(path, start), 409, /DATA_DIR of this process has no data/);
            }
          }),
        { DATA_DIR: "/nowhere" },
      ).pipe(Effect.provideService(Studies, { run: never }));
    }),
  );
});

describe("an evaluation", () => {
  it.live("tells why it failed, and may be started again", () =>
    Effect.gen(function* () {
      let runs = 0;
      const run: StudiesService["run"] = () =>
        ++runs === 1
          ? new BatchesError({ message: "no process could be started" })
          : Effect.succeed({
              code: runs === 2 ? undefined : 70,
              detail: runs === 2 ? "" : "there is nothing to evaluate",
            });
      yield* inStudies(run, (ask) =>
        Effect.gen(function* () {
          for (const n of [1, 2, 3]) {
            expect((yield* ask("/evaluation", start)).status).toBe(202);
            yield* ended(ask, "/evaluation", n);
          }
          expect((yield* ask("/evaluation")).body.ended).toMatchObject([
            { outcome: "failed", detail: "there is nothing to evaluate" },
            { outcome: "failed", detail: "it was killed" },
            { outcome: "failed", detail: "no process could be started" },
          ]);
        }),
      );
    }),
  );

  it.live("is stopped when the API is stopped", () =>
    Effect.gen(function* () {
      const begun = yield* Deferred.make<void>();
      let stopped = false;
      const run: StudiesService["run"] = () =>
        Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never).pipe(
          Effect.onInterrupt(() =>
            Effect.sync(() => {
              stopped = true;
            }),
          ),
        );
      yield* inStudies(run, (ask) => Effect.zipRight(ask("/evaluation", start), Deferred.await(begun)));
      expect(stopped).toBe(true);
    }),
  );
});
