import { describe, expect, it } from "@effect/vitest";
import { Effect, Logger, Stream } from "effect";
import { rawTransactions } from "../../src/domain/TableSchemas.ts";
import { readInteractions } from "../../src/evaluation/ReadInteractions.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { inFolder } from "../support/Folder.ts";

/** Nobody's type is the usual one. */
const types = ["purchase", "view", null, "view", "wish", "click"];
const day = 86_400;

const write = (times: (at: number) => number) =>
  Effect.flatMap(Tables, (tables) => {
    const column = <A>(value: (at: number) => A) => types.map((_, at) => value(at));
    const columns = {
      t_dat: column((at) => Math.floor(times(at) / day)),
      customer_id: column((at) => `user ${at}`),
      article_id: column((at) => `item ${at}`),
      price: column(() => null),
      sales_channel_id: column(() => null),
      timestamp: column(times),
      event_type: types,
      weight: column(() => null),
    };
    return tables.overwrite(rawTransactions.name, rawTransactions.schema, Stream.make({ rows: types.length, columns }));
  });

const told = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const lines: Array<string> = [];
    const logger = Logger.make(({ message }) => void lines.push(String(message)));
    const found = yield* Effect.provide(self, Logger.replace(Logger.defaultLogger, logger));
    return { found, lines };
  });

describe("what is read of a shop's past", () => {
  it("tells of rows that are left out: of types that are not set, and of impossible times", () =>
    Effect.runPromise(
      inFolder(
        () =>
          Effect.gen(function* () {
            yield* write((at) => (at === 3 || at === 5 ? -1 : 1_700_000_000 + at));
            const { found, lines } = yield* told(Effect.scoped(readInteractions));
            expect(found.userIds).toEqual(["user 0", "user 2"]);
            expect(lines).toEqual([
              "2 rows of an impossible time are left out",
              "2 rows of types that EVENT_TYPES does not name are left out: give it as the batch and the API have it",
            ]);
            yield* write((at) => 1_700_000_000 + at);
            expect((yield* told(Effect.scoped(readInteractions))).found.length).toBe(3);
          }),
        { LOG_LEVEL: "info" },
      ),
    ));

  it("tells of none where all types are set", () =>
    Effect.runPromise(
      inFolder(
        () =>
          Effect.gen(function* () {
            yield* write((at) => 1_700_000_000 + at);
            const { found, lines } = yield* told(Effect.scoped(readInteractions));
            expect(found.length).toBe(5);
            expect(lines).toEqual([]);
          }),
        { EVENT_TYPES: "click=0.1, view=0.1, wish=0, purchase=1 buys" },
      ),
    ));
});
