import { describe, expect, it } from "@effect/vitest";
import { Clock, ConfigProvider, Effect, Exit, Fiber, Layer, Schedule, Stream, TestClock, TestContext } from "effect";
import { exitCode } from "../../src/cli/ExitCode.ts";
import type { Evidence } from "../../src/domain/Model.ts";
import { rawTransactions } from "../../src/domain/TableSchemas.ts";
import type { InteractionLog } from "../../src/evaluation/InteractionLog.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { Trainer } from "../../src/ports/Trainer.ts";
import { choice } from "../../src/training/Choice.ts";
import { readTuned, writeTuned } from "../../src/training/TunedFile.ts";
import { isProven, widening } from "../../src/tuning/Compare.ts";
import { tuneConfigured } from "../../src/tuning/Configured.ts";
import { readTrials } from "../../src/tuning/Trials.ts";
import { staysFor } from "../../src/tuning/Tune.ts";
import { day, makeShop } from "../evaluation/Shop.ts";
import { type Folder, inFolder } from "../support/Folder.ts";
import { training } from "../support/Training.ts";

/** As raw/transactions; `times` by place, where they are others than the log's. */
const write = (log: InteractionLog, times: (at: number) => number = (at) => log.time[at]) => {
  const column = <A>(value: (at: number) => A): ReadonlyArray<A> =>
    Array.from({ length: log.length }, (_, at) => value(at));
  const columns = {
    t_dat: column((at) => Math.floor(times(at) / day)),
    customer_id: column((at) => log.userIds[log.user[at]]),
    article_id: column((at) => log.itemIds[log.item[at]]),
    price: column(() => null),
    sales_channel_id: column(() => null),
    timestamp: column(times),
    event_type: column(() => null),
    weight: column(() => null),
  };
  return Effect.flatMap(Tables, (tables) =>
    tables.overwrite(rawTransactions.name, rawTransactions.schema, Stream.make({ rows: log.length, columns })),
  );
};

/** So few settings that all of them are tried long before the time is up: three exponents beside the default's. */
const quick = {
  TUNE_MINUTES: "60",
  ALS_RANK: "8",
  ALS_ITERATIONS: "3",
  ALS_ALPHA: "1",
  ALS_REGULARIZATION: "0.01",
  ALS_UNOBSERVED_EXPONENT: "0",
  LEARNER: "ema",
  LOG_LEVEL: "error",
};
const shop = makeShop((user) => user % 2 === 0);

const tuneWith = ({ dataDir }: Folder, settings: Readonly<Record<string, string>>) =>
  Effect.withConfigProvider(
    tuneConfigured,
    ConfigProvider.fromMap(new Map([["DATA_DIR", dataDir], ...Object.entries(settings)])),
  );

const trials = Effect.map(readTrials, (kept) => [...(kept?.results.keys() ?? [])]);

describe("tune", () => {
  it("leaves the winner with its evidence, which the batch uses where it is proven, and what is given stays", () =>
    Effect.runPromise(
      inFolder(
        () =>
          Effect.gen(function* () {
            yield* write(shop);
            const told = yield* tuneConfigured;
            const tuned = yield* readTuned;
            if (tuned === undefined) return expect.fail("nothing was written");
            const { evidence } = tuned;
            expect(tuned.parameters).toMatchObject({ rank: 8, iterations: 3 });
            expect(tuned.learning.learner).toBe("ema");
            expect(evidence.defaults.parameters).toEqual({
              rank: 8,
              regularization: 0.01,
              alpha: 1,
              iterations: 3,
              seed: 42,
            });
            expect(evidence.from).toBeGreaterThan(shop.time[Math.floor(0.8 * shop.length)]);
            expect(evidence.to).toBe(shop.time[shop.length - 1]);
            expect(evidence.interactions).toBe(shop.length);
            expect(evidence.events).toBeGreaterThan(100);
            expect(evidence.tunedNdcg - evidence.defaultNdcg).toBeCloseTo(evidence.gain.mean, 12);
            expect(tuned.proven).toBe(isProven(evidence));
            expect(told).toContain(evidence.tunedNdcg.toFixed(4));
            expect(told).toMatch(tuned.proven ? /next `batch` uses these settings/ : /stays with the defaults/);
            expect(told).not.toMatch(/NaN|undefined/);

            yield* writeTuned({ ...tuned, proven: true });
            expect((yield* choice).parameters).toEqual(tuned.parameters);
            yield* writeTuned({ ...tuned, proven: false });
            expect((yield* choice).parameters).toEqual(evidence.defaults.parameters);
          }),
        quick,
      ),
    ));

  it("goes on after it was stopped, as it would have without", () =>
    Effect.runPromise(
      inFolder(
        (folder) =>
          Effect.gen(function* () {
            yield* write(shop);
            const running = yield* Effect.fork(tuneWith(folder, quick));
            yield* trials.pipe(
              Effect.repeat({ until: (keys) => keys.length >= 3, schedule: Schedule.spaced("20 millis") }),
            );
            yield* Fiber.interrupt(running);
            const before = yield* readTrials;
            const kept = [...(before?.results ?? [])];
            expect(kept.length).toBeGreaterThanOrEqual(3);
            expect(yield* readTuned).toBeUndefined();
            yield* tuneConfigured;
            const after = yield* readTrials;
            expect([...(after?.results ?? [])].slice(0, kept.length)).toEqual(kept);
            const looks = after?.looks.length ?? 0;
            expect(looks).toBe(1);
          }),
        quick,
      ),
    ));

  it("begins anew where trials are damaged, or of other data, and knows what was tried on the newest events", () =>
    Effect.runPromise(
      inFolder(
        (folder) =>
          Effect.gen(function* () {
            yield* write(shop);
            yield* tuneConfigured;
            const first = yield* readTrials;
            yield* folder.write("tuning/trials.jsonl", "torn");
            yield* tuneConfigured;
            const again = yield* readTrials;
            expect([again?.search.data, again?.search.plan]).toEqual([first?.search.data, first?.search.plan]);
            // The winner of before is tried right after the default.
            expect(again?.search.first).toEqual([first?.looks[0]?.recipe.parameters]);
            yield* write({ ...shop, length: Math.floor(0.9 * shop.length) });
            yield* tuneConfigured;
            const other = yield* readTrials;
            expect(other?.search.data).not.toBe(first?.search.data);
            expect(other?.looks.length).toBe(1);
          }),
        quick,
      ),
    ));

  it("looks at the newest events once for a winner, however often it is run", () =>
    Effect.runPromise(
      inFolder(
        () =>
          Effect.gen(function* () {
            yield* write(shop);
            const [first, second] = [yield* tuneConfigured, yield* tuneConfigured];
            const [one, other] = [first, second].map((told) => told.replace(/Tuned .* UTC/, ""));
            expect(other).toBe(one);
            expect((yield* readTrials)?.looks.length).toBe(1);
          }),
        // Rates alone are left to try, all of them by the default's vectors.
        { ...quick, ALS_REGULARIZATION_EXPONENT: "0.5" },
      ),
    ));

  it("shows and forgets", () =>
    Effect.runPromise(
      inFolder((folder) =>
        Effect.gen(function* () {
          const as = (settings: Readonly<Record<string, string>>) => tuneWith(folder, settings);
          expect(yield* as({ TUNE_SHOW: "true" })).toMatch(/^Nothing is tuned/);
          expect(yield* as({ TUNE_FORGET: "true" })).toBe("Nothing was tuned.");
          yield* write(shop);
          const told = yield* as(quick);
          expect(yield* as({ TUNE_SHOW: "true" })).toBe(told);
          expect(yield* as({ TUNE_FORGET: "true" })).toMatch(/^Forgotten/);
          expect(yield* readTuned).toBeUndefined();
          expect(yield* trials).toEqual([]);
        }),
      ),
    ));

  it("says what is missing: events, times, or anything to try", () =>
    Effect.runPromise(
      inFolder((folder) =>
        Effect.gen(function* () {
          const fails = (settings: Readonly<Record<string, string>> = {}) => Effect.exit(tuneWith(folder, settings));
          const message = (exit: Exit.Exit<unknown, unknown>) => (Exit.isFailure(exit) ? String(exit.cause) : "");
          const empty = yield* fails();
          expect(message(empty)).toMatch(/nothing to tune on.*`import`/);
          expect(exitCode(empty, undefined, undefined)).toBe(65);
          yield* write({ ...shop, length: 200 });
          const few = yield* fails();
          expect(message(few)).toMatch(/too little to tune on.*200 interactions/);
          expect(exitCode(few, undefined, undefined)).toBe(65);
          yield* write(shop, () => 19_000 * day);
          const once = yield* fails();
          expect(message(once)).toMatch(/one time/);
          expect(exitCode(once, undefined, undefined)).toBe(1);
          yield* write(shop);
          const all = { ...quick, ALS_REGULARIZATION_EXPONENT: "0", LEARNING_RATE: "0.2", METRIC: "dot" };
          expect(message(yield* fails(all))).toMatch(/nothing to try/i);
        }),
      ),
    ));
});

/** Everything takes no time but trainings, of `seconds` by the test's clock, from which the clock goes on by itself. */
const slowly = (seconds: number) =>
  Layer.effect(
    Trainer,
    Effect.map(Trainer, (trainer) => ({
      ...trainer,
      train: (...asked: Parameters<typeof trainer.train>) =>
        Effect.zipRight(TestClock.adjust(`${seconds} seconds`), trainer.train(...asked)),
    })),
  ).pipe(Layer.provide(training));

/** How long it took, by the test's clock. */
const timed = (minutes: number, trainingSeconds: number, settings: Readonly<Record<string, string>> = {}) =>
  inFolder((folder) =>
    Effect.gen(function* () {
      // As what happened must be of before now.
      const begun = 1000 * (shop.time[shop.length - 1]! + day);
      yield* TestClock.setTime(begun);
      yield* write(shop);
      const { ALS_ALPHA: _α, ALS_REGULARIZATION: _λ, ...many } = quick;
      const exit = yield* Effect.exit(tuneWith(folder, { ...many, TUNE_MINUTES: String(minutes), ...settings }));
      const seconds = ((yield* Clock.currentTimeMillis) - begun) / 1000;
      return { exit, seconds, kept: yield* readTrials, tuned: yield* readTuned };
    }).pipe(Effect.provide(Layer.merge(TestContext.TestContext, slowly(trainingSeconds)))),
  );

describe("the minutes of a search", () => {
  it("are kept, the comparison included, by a trial that is cut short", { timeout: 120_000 }, () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const { exit, kept, seconds, tuned } = yield* timed(2, 12);
        expect(Exit.isSuccess(exit)).toBe(true);
        expect(tuned?.evidence.trials).toBeGreaterThan(6);
        expect(kept?.looks.length).toBe(1);
        expect(seconds).toBeGreaterThan(80);
        expect(seconds).toBeLessThanOrEqual(2 * 60);
      }),
    ),
  );

  it("are said to be too few where nothing but the default could be tried, at once, with what would do", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const { exit, kept, seconds, tuned } = yield* timed(1, 20);
        const message = Exit.isFailure(exit) ? String(exit.cause) : "";
        expect(message).toMatch(/`--minutes 1` tells nothing here, the defaults stay: one training takes 20 s/);
        expect(seconds).toBe(20);
        expect([tuned, kept]).toEqual([undefined, undefined]);
        const enough = Number(/about `--minutes (\d+)/.exec(message)?.[1]);
        expect(enough).toBeLessThan(12);
        expect(enough).toBeGreaterThan(1);
      }),
    ));

  it("are too few where they are over before the default is trained", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const { exit, seconds } = yield* timed(0.5, 40);
        expect(Exit.isFailure(exit) ? String(exit.cause) : "").toMatch(/the time was over before .*`--minutes 5`/);
        expect(seconds).toBe(30);
      }),
    ));
});

describe("what was proven before", () => {
  it("stays where there was no time to rank for all, and goes where there was", () => {
    const evidence = (drawn?: Evidence["drawn"]) => ({ drawn }) as Evidence;
    expect(staysFor({ proven: false, evidence: evidence({ shoppers: 60, of: 500 }) })).toBe(true);
    expect(staysFor({ proven: false, evidence: evidence() })).toBe(false);
    expect(staysFor({ proven: true, evidence: evidence({ shoppers: 60, of: 500 }) })).toBe(false);
  });
});

describe("the interval of a winner", () => {
  it("is the wider, the more were tried on the same events, by Bonferroni's quantiles", () => {
    expect(widening(1)).toBeCloseTo(1, 5);
    expect(widening(2)).toBeCloseTo(2.2414 / 1.96, 3);
    expect(widening(5)).toBeCloseTo(2.5758 / 1.96, 3);
    expect(widening(100)).toBeCloseTo(3.4808 / 1.96, 3);
  });
});
