import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Exit, Fiber, Schedule, Stream } from "effect";
import { exitCode } from "../../src/cli/ExitCode.ts";
import { rawTransactions } from "../../src/domain/TableSchemas.ts";
import type { InteractionLog } from "../../src/evaluation/InteractionLog.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { choice } from "../../src/training/Choice.ts";
import { readTuned, writeTuned } from "../../src/training/TunedFile.ts";
import { isProven, widening } from "../../src/tuning/Compare.ts";
import { tuneConfigured } from "../../src/tuning/Configured.ts";
import { readTrials } from "../../src/tuning/Trials.ts";
import { day, makeShop } from "../evaluation/Shop.ts";
import { type Folder, inFolder } from "../support/Folder.ts";

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

/** Few settings, trained in no time: the default and a few more within the time of a test. */
const quick = { TUNE_MINUTES: "0.02", ALS_RANK: "8", ALS_ITERATIONS: "3", LEARNER: "ema", LOG_LEVEL: "error" };
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
            const running = yield* Effect.fork(tuneWith(folder, { ...quick, TUNE_MINUTES: "5" }));
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
        { ...quick, ALS_ALPHA: "1", ALS_REGULARIZATION: "0.1", ALS_UNOBSERVED_EXPONENT: "0" },
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
        {
          ...quick,
          ALS_ALPHA: "1",
          ALS_REGULARIZATION: "0.1",
          ALS_REGULARIZATION_EXPONENT: "0.5",
          ALS_UNOBSERVED_EXPONENT: "0",
        },
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
          const all = {
            ...quick,
            ALS_ALPHA: "1",
            ALS_REGULARIZATION: "0.1",
            ALS_REGULARIZATION_EXPONENT: "0",
            ALS_UNOBSERVED_EXPONENT: "0",
            LEARNING_RATE: "0.2",
            METRIC: "dot",
          };
          expect(message(yield* fails(all))).toMatch(/nothing to try/i);
        }),
      ),
    ));
});

describe("the interval of a winner", () => {
  it("is the wider, the more were tried on the same events, by Bonferroni's quantiles", () => {
    expect(widening(1)).toBeCloseTo(1, 5);
    expect(widening(2)).toBeCloseTo(2.2414 / 1.96, 3);
    expect(widening(5)).toBeCloseTo(2.5758 / 1.96, 3);
    expect(widening(100)).toBeCloseTo(3.4808 / 1.96, 3);
  });
});
