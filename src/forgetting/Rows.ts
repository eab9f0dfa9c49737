/**
 * Rows: the rows of the raw tables that still name somebody who is forgotten, out of them.
 *
 * Ids are told by their salted hashes, of distinct ids alone. Files are written anew only where they hold such rows; the commit names
 * them as changed, so that the next preprocess reads everything, and adds up without them.
 */
import { Effect, Schema, Stream } from "effect";
import { isBeforeIn } from "../datasets/LeftOut.ts";
import { fileRows, relation, rowsPerFile } from "../datasets/Relation.ts";
import { copyRows } from "../datasets/WriteTable.ts";
import type { Field } from "../domain/Columns.ts";
import type { Tombstone } from "../domain/Forgotten.ts";
import { rawTransactions, type TableDefinition } from "../domain/TableSchemas.ts";
import type { SqlSession } from "../ports/Sql.ts";
import { identifier, type Statement, sql } from "../ports/Statement.ts";
import { Tables } from "../ports/Tables.ts";

const tombstoneFields: ReadonlyArray<Field> = [
  { name: "hash", type: "string", nullable: false },
  { name: "until_time", type: "double", nullable: false },
  { name: "word_log", type: "string", nullable: true },
  { name: "word_partition", type: "integer", nullable: true },
  { name: "word_offset", type: "long", nullable: true },
];

/** Makes the session's table `tombstones`. */
export const loadTombstones = (session: SqlSession, tombstones: ReadonlyArray<Tombstone>) =>
  session.load(
    "tombstones",
    tombstoneFields,
    Stream.make({
      rows: tombstones.length,
      columns: {
        hash: tombstones.map(({ hash }) => hash),
        until_time: Float64Array.from(tombstones, ({ forgottenAt }) => forgottenAt),
        word_log: tombstones.map(({ place }) => place?.log ?? null),
        word_partition: tombstones.map(({ place }) => place?.partition ?? null),
        word_offset: tombstones.map(({ place }) => place?.offset ?? null),
      },
    }),
  );

/** Distinct ids of `rows`' column `customer_id` that have a tombstone, with it. */
export const forgottenIn = (salt: string, rows: Statement): Statement => sql`
  SELECT customer_id, tombstones.* FROM (SELECT DISTINCT customer_id FROM ${rows})
  JOIN tombstones ON sha256(concat(${salt}, customer_id)) = hash`;

const File = Schema.Struct({ file: Schema.BigIntFromSelf });

/** Removes the rows of whoever is in the session's `tombstones`; false where another writer was faster, and it is to be tried again. */
export const removeRows = (session: SqlSession, salt: string, { name, schema }: TableDefinition) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const columns = schema.map((field) => ({ ...field, nullable: true }));
    const all = yield* relation(name, { columns, position: "position" });
    yield* session.run(sql`CREATE OR REPLACE TEMP TABLE gone AS ${forgottenIn(salt, all.statement)}`);
    const isDoomed = isBeforeIn(name);
    const found = yield* session.rows(
      File,
      sql`SELECT DISTINCT position // ${rowsPerFile} AS file FROM ${all.statement} JOIN gone USING (customer_id)
        WHERE ${isDoomed} ORDER BY file`,
    );
    if (found.length === 0) return true;
    const { files, version, schema: stored } = yield* tables.files(name, all.version);
    const doomed = new Set(found.map(({ file }) => files[Number(file)]?.number));
    const first = Math.min(...Array.from(doomed, (number) => number ?? 0));
    // The rows of raw/transactions have an order among files: it stays, by all that come behind the first that is changed.
    const changed = files.filter(({ number }) =>
      name === rawTransactions.name ? number >= first : doomed.has(number),
    );
    const lacking = columns.filter((column) => !stored.some((field) => field.name === column.name));
    const numbers = [...new Set(changed.map(({ number }) => number))];
    return yield* tables.replaceFiles(name, { version, numbers }, (newFile) =>
      Effect.forEach(changed, (file) =>
        Effect.gen(function* () {
          const rows = lacking.reduce(
            (statement, column) => sql`(SELECT *, NULL AS ${identifier(column.name)} FROM ${statement})`,
            sql`(SELECT *, row_number() OVER () AS place_in_file FROM ${fileRows(stored, file)})`,
          );
          const kept = sql`SELECT * FROM ${rows} LEFT JOIN gone USING (customer_id) WHERE NOT ${isDoomed} ORDER BY place_in_file`;
          return yield* copyRows(session, stored, kept, yield* newFile);
        }),
      ),
    );
  }).pipe(Effect.scoped);

const Mapped = Schema.Struct({ customer_id: Schema.String, hash: Schema.String, user_idx: Schema.Number });
export type Mapped = typeof Mapped.Type;

/** Whoever of the session's `tombstones` has an index in the map. */
export const mappedUsers = (session: SqlSession, salt: string, { name, schema }: TableDefinition) =>
  Effect.gen(function* () {
    const { statement } = yield* relation(name, { columns: schema });
    yield* session.run(sql`CREATE OR REPLACE TEMP TABLE mapped AS ${forgottenIn(salt, statement)}`);
    return yield* session.rows(
      Mapped,
      sql`SELECT customer_id, hash, user_idx FROM ${statement} JOIN mapped USING (customer_id)`,
    );
  }).pipe(Effect.scoped);

/** Puts in the place of each id of the session's `mapped` one that nobody has, and no file can name: an index keeps its place. */
export const renameMapped = (session: SqlSession, { name, schema }: TableDefinition) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const { files, version } = yield* tables.files(name);
    const numbers = files.map(({ number }) => number);
    return yield* tables.replaceFiles(name, { version, numbers }, (newFile) =>
      Effect.forEach(files, (file) =>
        Effect.gen(function* () {
          const renamed = sql`SELECT if(mapped.hash IS NULL, customer_id, concat(chr(1), 'forgotten ', user_idx)) AS customer_id, user_idx
            FROM ${fileRows(schema, file)} LEFT JOIN mapped USING (customer_id) ORDER BY user_idx`;
          return yield* copyRows(session, schema, renamed, yield* newFile);
        }),
      ),
    );
  }).pipe(Effect.scoped);
