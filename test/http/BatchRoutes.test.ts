/** The batch over HTTP: started, told of, refused where it cannot be; the batch itself is the test's. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Deferred, Effect } from "effect";
import { type BatchEnd, Batches, BatchesError, type BatchesService } from "../../src/ports/Batches.ts";
import { Turns } from "../../src/ports/Turns.ts";
import { makeVitals, Vitals } from "../../src/vitals/Vitals.ts";
import { type Ask, expectProblem, inShop, type Reply } from "./Served.ts";

const start = { method: "POST" };
const until = (ask: Effect.Effect<Reply>, is: (reply: Reply) => boolean) => Effect.repeat(ask, { until: is });
const ended = (ask: Ask, runs: number) =>
  until(ask("/batch"), ({ body }) => (body.ended as ReadonlyArray<unknown>).length === runs);

/** A folder with a CSV file to learn from. */
const withData = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = mkdtempSync(join(tmpdir(), "slipstream-batch-"));
    mkdirSync(join(folder, "raw"));
    writeFileSync(join(folder, "raw", "transactions_train.csv"), "");
    return folder;
  }),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true })),
);

const inBatches = <A, E>(learn: BatchesService["learn"], use: (ask: Ask) => Effect.Effect<A, E>, at?: string) =>
  Effect.scoped(
    Effect.flatMap(withData, (DATA_DIR) =>
      inShop((ask) => use(ask), { DATA_DIR }).pipe(
        Effect.provideService(Batches, { learn }),
        Effect.provideService(Vitals, makeVitals()),
        Effect.provideService(Turns, { take: () => (work) => work, at: () => Effect.succeed(at) }),
      ),
    ),
  );

describe("the batch", () => {
  it.live("is started once, tells how far it is, and what became of it", () =>
    Effect.gen(function* () {
      const end = yield* Deferred.make<BatchEnd>();
      const asked: Array<string> = [];
      const learn: BatchesService["learn"] = ({ onStep, unlessSince }) => {
        asked.push(unlessSince);
        onStep?.({ name: "training", done: 3, of: 10, unit: "iterations" });
        return Deferred.await(end);
      };
      yield* inBatches(learn, (ask) =>
        Effect.gen(function* () {
          expect((yield* ask("/batch")).body).toEqual({ running: null, ended: [], retraining: null });
          const replies = yield* Effect.all([ask("/batch", start), ask("/batch", start)], { concurrency: 2 });
          expect(replies.map(({ status }) => status).sort()).toEqual([202, 409]);
          const begun = replies.find(({ status }) => status === 202)?.body;
          expect(begun).toMatchObject({ id: expect.stringMatching(/^\d{8}T\d{6}-[0-9a-f]{4}$/), by: "asked" });
          const step = { name: "training", done: 3, of: 10, unit: "iterations" };
          const at = yield* until(ask("/batch"), ({ text }) => text.includes("training"));
          expect(at.body.running).toMatchObject({ id: begun?.id, step });
          expectProblem(yield* ask("/batch", start), 409, new RegExp(`Batch ${begun?.id} is under way`));
          yield* Deferred.succeed(end, { code: 65, detail: "model x was learnt from 3 users" });
          const { body } = yield* ended(ask, 1);
          expect(body.running).toBeNull();
          expect(body.ended).toMatchObject([
            { id: begun?.id, outcome: "refused", model: null, detail: "model x was learnt from 3 users" },
          ]);
          expect(asked).toHaveLength(1);
          // The next one may begin.
          expect((yield* ask("/batch", start)).status).toBe(202);
          expect((yield* ended(ask, 2)).body.running).toBeNull();
        }),
      );
    }),
  );

  it.live("that cannot be started is told of as failed", () =>
    inBatches(
      () => new BatchesError({ message: "no process could be started" }),
      (ask) =>
        Effect.gen(function* () {
          expect((yield* ask("/batch", start)).status).toBe(202);
          const { body } = yield* ended(ask, 1);
          expect(body.ended).toMatchObject([{ outcome: "failed", detail: "no process could be started" }]);
        }),
    ),
  );

  it.live("is refused where another process is at work on the files, or there are none to learn from", () =>
    Effect.gen(function* () {
      const never: BatchesService["learn"] = () => Effect.die("it was started");
      yield* inBatches(
        never,
        (ask) =>
          Effect.map(ask("/batch", start), (reply) => expectProblem(reply, 409, /Now another process.*Ask|ask again/)),
        "another process (17) is importing, since 10:15:30",
      );
      yield* inShop(
        (ask) =>
          Effect.map(ask("/batch", start), (reply) =>
            expectProblem(reply, 409, /DATA_DIR of this process has no data.*all-in-one/),
          ),
        { DATA_DIR: "/nowhere" },
      ).pipe(Effect.provideService(Batches, { learn: never }));
    }),
  );

  it.live("is stopped when the API is stopped", () =>
    Effect.gen(function* () {
      const begun = yield* Deferred.make<void>();
      let stopped = false;
      const learn: BatchesService["learn"] = () =>
        Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never).pipe(
          Effect.onInterrupt(() =>
            Effect.sync(() => {
              stopped = true;
            }),
          ),
        );
      yield* inBatches(learn, (ask) => Effect.zipRight(ask("/batch", start), Deferred.await(begun)));
      expect(stopped).toBe(true);
    }),
  );
});
