/** What `import` makes of any text is what our reader of records makes of it, whichever way the file is read. */
import { expect, it } from "@effect/vitest";
import { Effect } from "effect";
import * as fc from "fast-check";
import { idProblem } from "../../src/domain/Ids.ts";
import { makeCsvReader } from "../../src/intake/CsvRecords.ts";
import { importEvents } from "../../src/intake/ImportEvents.ts";
import { inFolder, rowsOf } from "../support/Folder.ts";

const odd = fc.string({
  unit: fc.constantFrom("a", "é", ",", '"', "\n", "\r\n", "\r", " ", "\t", "\u00a0", "'", "\\", '""', "#", ";"),
  maxLength: 12,
});
const plain = fc
  .tuple(fc.constantFrom("a", "b c", '"d"', '"e,f"', " g ", '"h""i"', '"j\nk"'), fc.constantFrom("x", '"y"', "z1"))
  .map((cells) => cells.join(","));
const text = fc
  .tuple(
    fc.array(fc.oneof({ weight: 6, arbitrary: plain }, { weight: 1, arbitrary: odd }), { minLength: 1, maxLength: 8 }),
    fc.constantFrom("\n", "\r\n", "\r"),
    fc.boolean(),
  )
  .map(([lines, end, closed]) => ["user,item", ...lines].join(end) + (closed ? end : ""));

/** Users and items of the rows that can be used. */
const expected = (content: string) => {
  const reader = makeCsvReader(",");
  const cells = [...reader.push(content).cells, ...reader.end().cells];
  return cells
    .filter((row) => row.length === 2)
    .map((row) => row.map((cell) => cell.trim()))
    .filter((row) => row.every((id) => idProblem("id", id) === undefined));
};

it.effect(
  "CSV of any form is read as our reader of records has it, by the engine or not",
  () =>
    inFolder(
      (folder) =>
        Effect.forEach(fc.sample(text, Number(process.env.RUNS ?? 60)), (content) =>
          Effect.gen(function* () {
            const events = yield* folder.write("shop.csv", content);
            const found = yield* importEvents({ events, user: "user", item: "item" }).pipe(
              Effect.zipRight(rowsOf("raw/transactions")),
              Effect.map((rows) => rows.map((row) => [row.customer_id, row.article_id])),
              Effect.catchIf(
                (error) => error._tag === "InputError" && error.reason === "NoRows",
                () => Effect.succeed([]),
              ),
            );
            expect(found, JSON.stringify(content)).toEqual(expected(content));
          }),
        ),
      { MAX_REJECTS: "100" },
    ),
  120_000,
);
