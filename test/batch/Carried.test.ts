import { describe, expect, it } from "@effect/vitest";
import { Duration, Effect, Stream } from "effect";
import { preprocess } from "../../src/batch/Preprocess.ts";
import { eventTypeWeights } from "../../src/domain/Event.ts";
import { eventKey } from "../../src/domain/RecentEvents.ts";
import { rawTransactions, trainingSnapshot } from "../../src/domain/TableSchemas.ts";
import { learning } from "../../src/learning/Settings.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { batchOf, inFolder, type Row, rowsOf } from "../support/Folder.ts";

const bought = (customer_id: string): Row => ({ t_dat: 19_000, customer_id, article_id: "a" });

const put = (...users: ReadonlyArray<string>) =>
  Effect.flatMap(Tables, (tables) =>
    tables.append(
      rawTransactions.name,
      rawTransactions.schema,
      Stream.make(batchOf(rawTransactions.schema, users.map(bought))),
    ),
  );

/** The key of the rules by which fewer interactions of a shopper were kept. */
const keyOfBefore = Effect.map(learning.debounce.config, (debounce) =>
  BigInt(eventKey(JSON.stringify([1, Duration.toSeconds(debounce), eventTypeWeights]))),
);

describe("Carried", () => {
  it.effect("carries on what was added up by the same rules, and no histories of which less was kept", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const { name, schema } = trainingSnapshot;
        yield* put("u", "v");
        yield* preprocess;
        yield* put("w");
        expect(yield* preprocess).toMatchObject({ read: 1, transactions: 3 });
        const before = yield* keyOfBefore;
        const noted = (yield* rowsOf(name)).map((row) => (row.key === "rules" ? { ...row, value: before } : row));
        expect(noted).not.toEqual(yield* rowsOf(name));
        yield* Effect.flatMap(Tables, (tables) => tables.overwrite(name, schema, Stream.make(batchOf(schema, noted))));
        yield* put("x");
        expect(yield* preprocess).toMatchObject({ read: 4, transactions: 4 });
      }),
    ),
  );
});
