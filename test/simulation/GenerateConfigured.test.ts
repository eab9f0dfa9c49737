import { FileSystem } from "@effect/platform";
import * as NodeContext from "@effect/platform-node/NodeContext";
import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Either, Layer, TestClock } from "effect";
import { Progress } from "../../src/ports/Progress.ts";
import { generateConfigured, generateUntilYesterday } from "../../src/simulation/GenerateConfigured.ts";
import { generate } from "../../src/simulation/Settings.ts";

const live = Layer.merge(NodeContext.layer, Progress.layerSilent);

type Program = typeof generateConfigured;

/** The days of the first and the last row that `program` writes at `now`. */
const span = (program: Program, now: string, settings: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const folder = yield* fs.makeTempDirectoryScoped();
    yield* TestClock.setTime(Date.parse(now));
    const small = {
      GENERATE_CUSTOMERS: "30",
      GENERATE_ARTICLES: "50",
      GENERATE_TRANSACTIONS: "600",
      GENERATE_DAYS: "28",
    };
    const config = new Map(Object.entries({ DATA_DIR: folder, ...small, ...settings }));
    yield* Effect.withConfigProvider(program, ConfigProvider.fromMap(config));
    const [, ...rows] = (yield* fs.readFileString(`${folder}/raw/transactions_train.csv`)).trimEnd().split("\n");
    return [rows[0]!.slice(0, 10), rows.at(-1)!.slice(0, 10)];
  }).pipe(Effect.scoped, Effect.provide(live));

describe("the last day of a made-up shop", () => {
  it.effect("is 2020-09-22 whatever the day, or the one that is asked for", () =>
    Effect.gen(function* () {
      for (const now of ["2026-11-27T10:00:00Z", "2031-02-28T23:59:59.999Z"]) {
        expect(yield* span(generateConfigured, now)).toEqual(["2020-08-26", "2020-09-22"]);
      }
      const now = "2026-03-01T00:00:00Z";
      const until = (day: string) => span(generateConfigured, now, { GENERATE_UNTIL: day });
      expect(yield* until("2024-02-29")).toEqual(["2024-02-02", "2024-02-29"]);
      expect(yield* until(" yesterday ")).toEqual(["2026-02-01", "2026-02-28"]);
      expect(yield* until("2026-03-01")).toEqual(["2026-02-02", "2026-03-01"]);
    }),
  );

  it.effect("is yesterday, in UTC, where all-in-one makes it, unless one is asked for", () =>
    Effect.gen(function* () {
      expect(yield* span(generateUntilYesterday, "2026-11-27T00:00:00Z")).toEqual(["2026-10-30", "2026-11-26"]);
      expect(yield* span(generateUntilYesterday, "2026-11-27T23:59:59.999Z")).toEqual(["2026-10-30", "2026-11-26"]);
      const asked = span(generateUntilYesterday, "2026-11-27T10:00:00Z", { GENERATE_UNTIL: "2020-09-22" });
      expect(yield* asked).toEqual(["2020-08-26", "2020-09-22"]);
    }),
  );

  it.effect("is no day to come", () =>
    Effect.gen(function* () {
      const tomorrow = span(generateConfigured, "2026-11-27T10:00:00Z", { GENERATE_UNTIL: "2026-11-28" });
      const error = yield* Effect.flip(tomorrow);
      expect(error).toMatchObject({ _tag: "GenerateError", reason: "Day" });
      expect(String(error)).toContain("--until 2026-11-28 has not come yet");
    }),
  );

  it.each(["1999-12-31", "2023-02-30", "tomorrow", "22.9.2020"])("is not %s", (day) => {
    const given = ConfigProvider.fromMap(new Map([["GENERATE_UNTIL", day]]));
    const read = Either.flip(given.load(generate.until.config).pipe(Effect.either, Effect.runSync));
    expect(String(Either.getOrThrow(read))).toContain("a day from 2000-01-01 to today, or yesterday");
  });
});
