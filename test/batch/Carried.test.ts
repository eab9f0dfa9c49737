import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Duration, Effect, Stream } from "effect";
import { preprocess } from "../../src/batch/Preprocess.ts";
import { readSnapshot } from "../../src/datasets/TrainingData.ts";
import { defaultEventTypes, eventTypesOf, eventTypesText } from "../../src/domain/EventTypes.ts";
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
  BigInt(eventKey(JSON.stringify([1, Duration.toSeconds(debounce), defaultEventTypes.weights]))),
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

  it.effect("counts what was archived of a type before the shop named it, and says by which types", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const { name, schema } = rawTransactions;
        const wish = { ...bought("u"), event_type: "wish" };
        yield* Effect.flatMap(Tables, (tables) =>
          tables.append(name, schema, Stream.make(batchOf(schema, [bought("v"), wish]))),
        );
        expect(yield* preprocess).toMatchObject({ unknownType: 1, pairs: 1, users: 1 });
        expect((yield* readSnapshot).eventTypes).toEqual(defaultEventTypes.list);
        const named = eventTypesOf([...defaultEventTypes.list, { name: "wish", weight: 2 }]);
        const provider = ConfigProvider.fromMap(new Map([["EVENT_TYPES", eventTypesText(named.list)]]));
        const run = Effect.withConfigProvider(preprocess, provider);
        expect(yield* run).toMatchObject({ read: 2, unknownType: 0, pairs: 2, users: 2 });
        expect((yield* readSnapshot).eventTypes).toEqual(named.list);
        expect(yield* run).toMatchObject({ read: 0, pairs: 2 });
        expect((yield* rowsOf("processed/user_history")).map(({ type }) => type)).toEqual([2, 3]);
      }),
    ),
  );
});
