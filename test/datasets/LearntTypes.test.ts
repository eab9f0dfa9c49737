import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Stream } from "effect";
import { learntTypes } from "../../src/datasets/LearntTypes.ts";
import { trainingSnapshot } from "../../src/domain/TableSchemas.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { inFolder } from "../support/Folder.ts";

const noted = (types: string) =>
  Effect.flatMap(Tables, (tables) =>
    tables.overwrite(
      trainingSnapshot.name,
      trainingSnapshot.schema,
      Stream.make({ rows: 1, columns: { kind: ["types"], key: [types], value: [2n] } }),
    ),
  );

const set = (text: string) => Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["EVENT_TYPES", text]])));
const unset = Effect.withConfigProvider(ConfigProvider.fromMap(new Map()));

describe("types of events of commands that know no model", () => {
  it.live("are those of the newest batch, unless others are set; without both the default", () =>
    inFolder(() =>
      Effect.gen(function* () {
        expect((yield* unset(learntTypes)).names).toEqual(["click", "add_to_cart", "purchase"]);
        yield* noted("view=0.2, order=1 buys, impression=0 shown");
        const { list } = yield* unset(learntTypes);
        expect(list).toEqual([
          { name: "view", weight: 0.2 },
          { name: "order", weight: 1, role: "buys" },
          { name: "impression", weight: 0, role: "shown" },
        ]);
        expect((yield* set("look=0.1, buy=1 buys")(learntTypes)).names).toEqual(["look", "buy"]);
      }),
    ),
  );
});
