/** WholeIds: ids that are whole numbers written with a fraction (17850.0), as pandas writes a column that has gaps. */
import { Effect, Schema } from "effect";
import { noIds } from "../domain/Ids.ts";
import type { SqlError, SqlSession } from "../ports/Sql.ts";
import { sql } from "../ports/Statement.ts";
import { trimmed } from "./Cells.ts";
import type { IdText } from "./ImportColumns.ts";
import { type InputError, isOfData } from "./InputError.ts";
import type { Source } from "./Source.ts";

const pattern = "[0-9]+\\.0";
const Counts = Schema.Struct({ whole: Schema.BigIntFromSelf, others: Schema.BigIntFromSelf });

const asTheyAre: IdText = (cell) => cell;
const withoutFraction: IdText = (cell) => sql`regexp_replace(${cell}, '^(\\s*[0-9]+)\\.0(\\s*)$', '\\1\\2')`;

/** Looks at the whole column where its first cells, `sample`, are such numbers. */
export const idTextOf = (
  session: SqlSession,
  source: Source,
  column: number,
): Effect.Effect<IdText, InputError | SqlError> =>
  Effect.gen(function* () {
    if (column < 0 || source.obstacle(column) !== undefined) return asTheyAre;
    const given = yield* source.firstCells(column);
    if (given.length === 0 || !given.every((text) => new RegExp(`^${pattern}$`).test(text))) return asTheyAre;
    const relation = yield* source.direct;
    if (relation === undefined) return withoutFraction;
    const text = trimmed(source.text(column));
    const counts = sql`SELECT count(*) FILTER (WHERE regexp_full_match(${text}, ${pattern})) AS whole,
    count(*) FILTER (WHERE ${text} <> '' AND ${text} NOT IN ${noIds} AND NOT regexp_full_match(${text}, ${pattern})) AS others FROM ${relation}`;
    return yield* session.rows(Counts, counts).pipe(
      Effect.map(([found]) => (found !== undefined && found.others === 0n ? withoutFraction : asTheyAre)),
      // A file whose form is wrong somewhere is looked at row by row later.
      Effect.catchIf(isOfData, () => Effect.succeed(withoutFraction)),
    );
  });
