/** Question: one SELECT over the shop's tables, in the words of whoever asks, printed as it is answered. */
import { Terminal } from "@effect/platform";
import { Effect, Option, Ref, Schema, Stream } from "effect";
import { userMap } from "../domain/TableSchemas.ts";
import { type Answer, Sql, type View } from "../ports/Sql.ts";
import type { Statement } from "../ports/Statement.ts";
import { Tables } from "../ports/Tables.ts";
import { type AnswerFormat, answerPrinters } from "./AnswerText.ts";
import { namingDamage } from "./Damage.ts";
import { leftOut } from "./LeftOut.ts";
import { type Relation, relation } from "./Relation.ts";
import { question as settings } from "./Settings.ts";

export class QuestionError extends Schema.TaggedError<QuestionError>()("QuestionError", {
  reason: Schema.Literal("NoTables", "Unreadable"),
  message: Schema.String,
}) {}

const userFactorsOf = /^models\/[^/]+\/user_factors$/;
/** Who is left out of other tables is told by the map of users. */
const mapPaths = { onNone: () => [], onSome: ({ paths }: Relation) => paths };

/** Every table's newest version as a view; one that cannot be read is left out, and said so. */
const views = Effect.gen(function* () {
  const tables = yield* Tables;
  const names = yield* tables.list;
  const { without, withoutIndices } = yield* leftOut;
  const map = names.includes(userMap.name) ? yield* Effect.option(relation(userMap.name)) : Option.none();
  /** Without whoever is forgotten. */
  const rowsOf = (name: string, { schema, statement }: Relation): Statement => {
    const columns = schema.map((field) => field.name);
    const index = columns.includes("user_idx") ? "user_idx" : userFactorsOf.test(name) ? "id" : undefined;
    const rows = without(name, statement, columns);
    return index === undefined || name === userMap.name || Option.isNone(map)
      ? rows
      : withoutIndices(rows, index, map.value.statement);
  };
  const found = yield* Effect.forEach(names, (name) =>
    relation(name).pipe(
      Effect.map(
        (known): ReadonlyArray<View> => [
          { name, statement: rowsOf(name, known), files: [...known.paths, ...Option.match(map, mapPaths)] },
        ],
      ),
      Effect.catchAll((error) => Effect.as(Effect.logWarning(`${name} is left out: ${error.message}`), [])),
    ),
  );
  return found.flat();
});

/** Rows that a table's columns are measured by. */
const pageRows = 1000;

const print = (answer: Answer, format: AnswerFormat) =>
  Effect.gen(function* () {
    const terminal = yield* Terminal.Terminal;
    const printer = answerPrinters[format](answer);
    const count = yield* Ref.make(0);
    yield* answer.rows.pipe(
      Stream.flattenIterables,
      Stream.grouped(pageRows),
      Stream.runForEach((page) => {
        const rows = [...page];
        return Effect.zipRight(
          Ref.update(count, (before) => before + rows.length),
          terminal.display(printer.rows(rows)),
        );
      }),
    );
    yield* terminal.display(printer.end(yield* Ref.get(count)));
  });

/** Answers `question` on standard output, until the answer ends or who reads it has seen enough and closes it. */
export const answer = (question: string, format: AnswerFormat) =>
  Effect.gen(function* () {
    const sql = yield* Sql;
    const known = yield* views;
    if (known.length === 0) {
      const message = "there is no table yet: run `generate` and `batch`, or `import`, or `all-in-one` first";
      return yield* new QuestionError({ reason: "NoTables", message });
    }
    yield* Effect.flatMap(sql.ask(known, question), (found) => print(found, format)).pipe(
      Effect.catchTag("BadArgument", () => Effect.void),
      namingDamage(known.map(({ name }) => name)),
    );
  }).pipe(Effect.scoped);

/** In the format that the settings name. */
export const answerConfigured = (question: string) =>
  Effect.flatMap(settings.format.config, (format) => answer(question, format));
