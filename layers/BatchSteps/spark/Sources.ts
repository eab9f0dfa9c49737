/** Sources: versions of tables in the words of scripts/spark/tables.py and interactions.py. */
import { Effect, type Scope } from "effect";
import { eventColumns, heaviest, teaches, transactionColumns } from "../../../src/datasets/Interactions.ts";
import { requireColumns } from "../../../src/datasets/Relation.ts";
import type { Field } from "../../../src/domain/Columns.ts";
import { aheadSeconds, earliestTime } from "../../../src/domain/EventTime.ts";
import { codesOf, type EventTypes, pieceMillionths } from "../../../src/domain/EventTypes.ts";
import { rawEvents, rawTransactions, type TableDefinition } from "../../../src/domain/TableSchemas.ts";
import type { InteractionTables, ReadBefore } from "../../../src/ports/BatchSteps.ts";
import type { TableError, TableSnapshot, TablesService } from "../../../src/ports/Tables.ts";

export interface TableAsked {
  readonly schema: ReadonlyArray<Pick<Field, "name" | "type">>;
  /** Unix seconds. */
  readonly writtenAt: number;
  readonly files: ReadonlyArray<{
    readonly path: string;
    readonly number: number;
    readonly constants: Readonly<Record<string, string | null>>;
  }>;
}

export interface Sources {
  readonly transactions: TableAsked | null;
  readonly events: TableAsked | null;
  readonly offsets: ReadonlyArray<{ readonly log: string; readonly partition: number; readonly next: string }>;
  /** The logs of all events, in order; empty where no place is asked for. */
  readonly logs: ReadonlyArray<string>;
  readonly rules: ReturnType<typeof rulesOf>;
}

/** What rows come to: the one place where numbers of scripts/spark are told. */
export const rulesOf = (types: EventTypes) => ({
  types: types.names,
  weights: pieceMillionths(types),
  usual: types.usual,
  teaches: codesOf(teaches(types)),
  buys: codesOf(types.buys),
  takesBack: codesOf(types.takesBack),
  hides: codesOf(types.hides),
  shows: codesOf(types.shows),
  idle: codesOf(types.isIdle),
  earliest: earliestTime,
  ahead: aheadSeconds,
  heaviest: String(heaviest),
});

interface Version {
  readonly version?: number | undefined;
  /** So many of the first files are left out. */
  readonly skip?: number;
  readonly writtenAt?: number;
  /** Those that are read: it fails where one is missing that is needed. */
  readonly columns?: ReadonlyArray<Field>;
}

/** A version of a table, by default the newest, and its number. The files stay until the scope closes. */
export const tableAsked = (
  tables: TablesService,
  name: string,
  { columns = [], skip = 0, version, writtenAt = 0 }: Version = {},
): Effect.Effect<{ readonly version: number; readonly asked: TableAsked }, TableError, Scope.Scope> =>
  Effect.gen(function* () {
    const found = yield* tables.files(name, version);
    yield* requireColumns(name, found.schema, columns);
    const text = (value: unknown): string | null => (value === null ? null : String(value));
    const files = found.files.flatMap(({ constants, number, path }, i) =>
      number < skip
        ? []
        : [
            {
              path,
              number: i,
              constants: Object.fromEntries([...constants].map(([column, value]) => [column, text(value)])),
            },
          ],
    );
    const schema = found.schema.map((field) => ({ name: field.name, type: field.type }));
    return { version: found.version, asked: { schema, writtenAt, files } };
  });

/** No rows of the table. */
export const noRows = ({ schema }: TableDefinition): TableAsked => ({ schema, writtenAt: 0, files: [] });

/** The raw tables' rows that were not read before. */
export const sourcesOf = (
  tables: TablesService,
  { events, transactions, types }: InteractionTables,
  before: ReadBefore,
): Effect.Effect<Sources, TableError, Scope.Scope> => {
  const of = (
    { name }: TableDefinition,
    snapshot: TableSnapshot | undefined,
    columns: ReadonlyArray<Field>,
    skip: number,
  ) => {
    if (snapshot === undefined) return Effect.succeed(null);
    const { version, writtenAt } = snapshot;
    const found = tableAsked(tables, name, { version, writtenAt: writtenAt / 1000, columns, skip });
    return Effect.map(found, ({ asked }) => asked);
  };
  return Effect.map(
    Effect.all({
      transactions: of(rawTransactions, transactions, transactionColumns, before.files),
      events: of(rawEvents, events, eventColumns, 0),
    }),
    (found) => ({
      ...found,
      offsets: before.offsets.map(({ log, next, partition }) => ({ log, partition, next: String(next) })),
      logs: [],
      rules: rulesOf(types),
    }),
  );
};
