import { FileSystem, Path } from "@effect/platform";
import { describe, expect, it } from "@effect/vitest";
import { Deferred, Effect, Fiber, Schema, Stream } from "effect";
import type { Column } from "../../src/domain/Columns.ts";
import { rawEvents, rawTransactions } from "../../src/domain/TableSchemas.ts";
import { evaluate, evaluateLog } from "../../src/evaluation/Evaluate.ts";
import { EvaluateError } from "../../src/evaluation/EvaluateError.ts";
import { evaluateOptions } from "../../src/evaluation/Options.ts";
import { Report } from "../../src/evaluation/Report.ts";
import { formatReport } from "../../src/evaluation/ReportText.ts";
import { inSlices } from "../../src/evaluation/Slices.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { inFolder } from "../support/Folder.ts";
import { training } from "../support/Training.ts";
import { makeLogBuilder } from "./LogBuilder.ts";
import { day, makeShop, parameters } from "./Shop.ts";

const ranker = ({ offline }: Report, name: string) => {
  const found = offline.rankers.find((candidate) => candidate.name === name);
  if (found === undefined) return expect.fail(`no ranker ${name}`);
  return found;
};
const hitRate = ({ prequential }: Report, name: string): number => {
  const found = prequential?.learners.find((candidate) => candidate.name === name);
  if (found === undefined) return expect.fail(`no learner ${name}`);
  return found.hit[1];
};
const run = (log: Parameters<typeof evaluateLog>[0], changes: Partial<typeof parameters> = {}) =>
  evaluateLog(log, { ...parameters, ...changes }).pipe(Effect.provide(training));

describe("evaluateLog", () => {
  it.effect("where tastes last, ALS beats popularity, and chance is the worst", () =>
    Effect.gen(function* () {
      const report = yield* run(makeShop(() => false));
      for (const metric of ["recall", "map", "ndcg", "competitionMap"] as const) {
        const [als, popularity, random] = ["ALS", "popularity", "random"].map((name) => ranker(report, name)[metric]);
        expect(als.mean).toBeGreaterThan(popularity.mean * 1.3);
        expect(popularity.mean).toBeGreaterThan(random.mean);
      }
      expect(ranker(report, "random").coverage).toBeGreaterThan(0.9);
      expect(ranker(report, "random").novelty).toBeGreaterThan(ranker(report, "popularity").novelty);
    }),
  );

  it.effect("where tastes shift, online learning beats the frozen model", () =>
    Effect.gen(function* () {
      const report = yield* run(makeShop(() => true));
      const frozen = hitRate(report, "ALS, frozen");
      expect(hitRate(report, "ALS + EMA")).toBeGreaterThan(frozen * 1.5);
      expect(hitRate(report, "ALS + fold-in")).toBeGreaterThan(frozen * 1.5);
    }),
  );

  it.effect("repeats itself to the last digit", () =>
    Effect.gen(function* () {
      const log = makeShop((user) => user % 2 === 0);
      const [one, other] = [yield* run(log, { maxUsers: 40 }), yield* run(log, { maxUsers: 40 })];
      expect(one.offline).toEqual(other.offline);
      expect(one.prequential).toEqual(other.prequential);
      expect(one.offline.users).toBeLessThanOrEqual(40);
    }),
  );

  it.effect("bands part the users", () =>
    Effect.gen(function* () {
      const { offline } = yield* run(
        makeShop(() => false),
        { days: 28 },
      );
      for (const { bands, users, recall } of offline.rankers) {
        expect(bands.reduce((sum, band) => sum + band.users, 0)).toBe(users);
        const weighted = bands.reduce((sum, band) => sum + band.users * band.recall.mean, 0) / users;
        expect(weighted).toBeCloseTo(recall.mean, 12);
      }
      expect(offline.rankers[0].bands.map(({ users }) => users > 0)).toEqual([true, true, false, false]);
    }),
  );

  it.effect("leave-last-out has nothing to stream, and scores one item per user", () =>
    Effect.gen(function* () {
      const report = yield* run(
        makeShop(() => false),
        { split: "leave-last-out", repeats: true },
      );
      expect(report.prequential).toBeNull();
      expect(report.offline.relevant + report.offline.unknownItems).toBe(160);
      expect(ranker(report, "ALS").recall.mean).toBeGreaterThan(ranker(report, "popularity").recall.mean);
    }),
  );

  it.effect("at random it streams nothing, and warns that the model saw what came after", () =>
    Effect.gen(function* () {
      const report = yield* run(
        makeShop(() => false),
        { split: "random" },
      );
      expect(report.prequential).toBeNull();
      expect(ranker(report, "ALS").recall.mean).toBeGreaterThan(ranker(report, "popularity").recall.mean);
      expect(report.warnings).toEqual([expect.stringMatching(/drawn at random.*came after/)]);
      expect(formatReport(report)).toMatch(/^Tested on 20 %, drawn at random: /m);
    }),
  );

  it.effect("has no table of what came next where every session is of one event", () =>
    Effect.gen(function* () {
      const builder = makeLogBuilder();
      for (let i = 0; i < 40; i++) builder.add(`visitor${i}`, i % 2 === 0 ? "hat" : "cap", 2, 1, i * 3600);
      const report = yield* run(builder.finish(), { split: "sessions" });
      expect(report.prequential?.events).toBe(0);
      const text = formatReport(report);
      expect(text).toContain("8 that begin a session");
      expect(text).toContain("this split leaves nothing to compare it by");
      expect(text).not.toContain("ALS, frozen");
    }),
  );

  it.effect("says what is wrong with the data, and what to do", () =>
    Effect.gen(function* () {
      const empty = yield* Effect.flip(run(makeLogBuilder().finish()));
      expect(empty).toMatchObject({ reason: "NoData", message: expect.stringContaining("`generate`") });
      const short = yield* Effect.flip(
        run(
          makeShop(() => false),
          { days: 30 },
        ),
      );
      expect(short).toMatchObject({ reason: "TooFewDays", message: expect.stringContaining("EVALUATE_DAYS is 30") });
      const visit = makeShop(() => false);
      const once = { ...visit, time: visit.time.map((time) => 19_000 * day + (time % day)).sort() };
      expect((yield* Effect.flip(run(once))).message).toBe(
        "EVALUATE_DAYS is 5, but all interactions are of 2022-01-08: nothing is left to train on. Choose EVALUATE_SPLIT=fraction, or " +
          "sessions where ids are of visits.",
      );
      const builder = makeLogBuilder();
      builder.add("ann", "hat", 2, 1, 0);
      builder.add("ann", "hat", 2, 1, 9 * day);
      const again = yield* Effect.flip(run(builder.finish()));
      expect(again).toEqual(
        new EvaluateError({
          reason: "NothingToScore",
          message:
            "There is nothing to score: 1 test interaction, all of items that the train part does not know or the items file lacks, or that " +
            "the same user had before. Test on more days (EVALUATE_DAYS), or let items come again (EVALUATE_REPEATS=true).",
        }),
      );
      const onlyNew = makeLogBuilder();
      onlyNew.add("ann", "hat", 2, 1, 0);
      onlyNew.add("ann", "cap", 2, 1, 9 * day);
      const repeated = yield* Effect.flip(run(onlyNew.finish(), { repeats: true, split: "fraction" }));
      expect(repeated.message).toMatch(/items file lacks\. Test on more \(a smaller EVALUATE_FRACTION\)\.$/);
      const one = yield* Effect.flip(run(builder.finish(), { split: "sessions" }));
      expect(one.message).toContain("a session is a user, and all there are is 1 user: nothing is left to train on");
    }),
  );
});

describe("inSlices", () => {
  it.effect("can be interrupted between slices", () =>
    Effect.gen(function* () {
      const third = yield* Deferred.make<void>();
      let calls = 0;
      const task = { advance: () => {}, note: () => {} };
      const long = yield* Effect.fork(
        inSlices(1_000_000, 1, task, () => {
          if (++calls === 3) Deferred.unsafeDone(third, Effect.void);
        }),
      );
      yield* Deferred.await(third);
      yield* Fiber.interrupt(long);
      expect(calls).toBeLessThan(1000);
    }),
  );
});

describe("evaluate", () => {
  const write = (name: string, schema: typeof rawTransactions.schema, columns: Record<string, Column>, rows: number) =>
    Effect.flatMap(Tables, (tables) => tables.overwrite(name, schema, Stream.make({ rows, columns })));

  /** The shop as raw/transactions up to its last two days, and those as archived events, one of them twice. */
  const writeShop = Effect.gen(function* () {
    const log = makeShop(() => false);
    const column = <A>(from: number, to: number, value: (at: number) => A): ReadonlyArray<A> =>
      Array.from({ length: to - from }, (_, i) => value(from + i));
    const boundary = log.time.findIndex((time) => time >= 19_028 * day);
    const shared = (from: number, to: number) => ({
      t_dat: column(from, to, (at) => Math.floor(log.time[at] / day)),
      customer_id: column(from, to, (at) => log.userIds[log.user[at]]),
      article_id: column(from, to, (at) => log.itemIds[log.item[at]]),
      price: column(from, to, () => null),
      timestamp: column(from, to, (at) => log.time[at]),
    });
    const nulls = column(0, boundary, () => null);
    yield* write(
      rawTransactions.name,
      rawTransactions.schema,
      { ...shared(0, boundary), sales_channel_id: nulls, event_type: nulls, weight: nulls },
      boundary,
    );
    const events = shared(boundary, log.length);
    const rows = log.length - boundary;
    const twice = Object.entries({
      ...events,
      sales_channel_id: column(0, rows, () => 2),
      event_type: column(0, rows, () => "purchase"),
      quantity: column(0, rows, () => 1),
      event_id: column(0, rows, (at) => `event ${at}`),
      user_idx: column(0, rows, () => null),
      item_idx: column(0, rows, () => null),
      log_partition: column(0, rows, () => 0),
      log_offset: column(0, rows, (at) => BigInt(at)),
      arrived_at: column(0, rows, () => null),
      log_id: column(0, rows, () => null),
      recommendation_id: column(0, rows, () => null),
    }).map(([name, values]): [string, Column] => [name, [...values, values[rows - 1]]]);
    yield* write(rawEvents.name, rawEvents.schema, Object.fromEntries(twice), rows + 1);
    return log;
  });

  it("reads the tables, and writes a report that can be read again", () =>
    Effect.runPromise(
      inFolder(
        ({ dataDir }) =>
          Effect.gen(function* () {
            const files = yield* FileSystem.FileSystem;
            const log = yield* writeShop;
            const { report, json, html } = yield* evaluate(yield* evaluateOptions);
            expect(report.data.interactions).toBe(log.length);
            expect(report.parameters.days).toBe(5);

            const read = Schema.decodeUnknownSync(Schema.parseJson(Report))(yield* files.readFileString(json));
            expect(read).toEqual(report);
            expect((yield* Path.Path).dirname(json)).toBe(`${dataDir}/reports`);

            const page = yield* files.readFileString(html);
            expect(page).not.toMatch(/<script|<link|src=|https?:|@import|NaN|undefined/);
            const text = formatReport(report);
            expect(text).not.toMatch(/NaN|undefined| $/m);
            for (const { name, recall, map } of report.offline.rankers) {
              for (const number of [recall.mean.toFixed(4), map.mean.toFixed(4)]) {
                expect(page).toContain(number);
                expect(text.split("\n").find((line) => line.startsWith(`${name} `) && line.includes("±"))).toContain(
                  number,
                );
              }
            }
            for (const { hit } of report.prequential?.learners ?? []) expect(page).toContain(hit[1].toFixed(4));
          }),
        { EVALUATE_DAYS: "5", ALS_RANK: "8", ALS_ITERATIONS: "4" },
      ),
    ));

  it("says so when there is no data, and when the report cannot be written", () =>
    Effect.runPromise(
      inFolder((folder) =>
        Effect.gen(function* () {
          const options = yield* evaluateOptions;
          expect(yield* Effect.flip(evaluate(options))).toMatchObject({ reason: "NoData" });
          yield* writeShop;
          yield* folder.write("reports", "a file in the folder's place");
          const failure = yield* Effect.flip(evaluate({ ...options, parameters }));
          expect(failure).toMatchObject({ reason: "NotWritten", message: expect.stringContaining(options.folder) });
        }),
      ),
    ));
});
