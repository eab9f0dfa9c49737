/** Ids: the maps of users and items, numbered by Spark, and stored by this process. */
import { join } from "node:path";
import { Effect, Schema, type Scope, Stream } from "effect";
import { ifThere } from "../../../src/datasets/IfThere.ts";
import type { TableDefinition } from "../../../src/domain/TableSchemas.ts";
import type { BatchStepsFailure, Numbered, Tell } from "../../../src/ports/BatchSteps.ts";
import type { SqlService } from "../../../src/ports/Sql.ts";
import { identifier, sql } from "../../../src/ports/Statement.ts";
import { TableError, type TablesService } from "../../../src/ports/Tables.ts";
import { partsIn } from "../../engines/spark/Parts.ts";
import { appendParts } from "../../engines/spark/TakeParts.ts";
import { type Sources, type TableAsked, tableAsked } from "./Sources.ts";
import type { Work } from "./Work.ts";

const Counted = Schema.Struct({
  stored: Schema.Number,
  indices: Schema.Number,
  highest: Schema.Number,
  size: Schema.Number,
});
/** The ids of a map: as they are stored, and, once they are numbered, the folder of those that are added. */
interface IdsAsked {
  readonly table: TableAsked | null;
  readonly names: ReadonlyArray<string>;
  readonly added: string;
}

export interface Ids {
  readonly map: TableDefinition;
  /** Of the stored map. */
  readonly version: number | undefined;
  readonly asked: IdsAsked;
  readonly stored: number;
  readonly size: number;
}

/** `folder`: where the ids that are added are to be; each call has one of its own. */
export const numberIds = (
  { ask, tables }: Work,
  map: TableDefinition,
  { folder, sources, tell }: { readonly folder: string; readonly sources: Sources; readonly tell: Tell },
): Effect.Effect<Ids, BatchStepsFailure, Scope.Scope> =>
  Effect.gen(function* () {
    const found = yield* ifThere(tableAsked(tables, map.name));
    const asked: IdsAsked = {
      table: found?.asked ?? null,
      names: map.schema.map(({ name }) => name),
      added: join(folder, map.name.replaceAll("/", "-")),
    };
    const counted = yield* ask("ids.number", { ids: asked, sources }, Counted, [tell, "ids", 0.1]);
    const { highest, indices, size, stored } = counted;
    if (indices !== stored || highest !== stored - 1) {
      return yield* new TableError({
        reason: "Corrupt",
        table: map.name,
        message: `${map.name} holds ${stored} rows, but its indices are not 0 to ${stored - 1}, each once.`,
      });
    }
    return { map, version: found?.version, asked, stored, size };
  });

/** Appends the new ids; without any, the table stays as it is. */
export const storeIds = (tables: TablesService, { asked, map, size, stored, version }: Ids) =>
  version !== undefined && size === stored
    ? Effect.succeed(version)
    : Effect.map(appendParts(tables, map, asked.added), (written) => written.version);

/** The ids that were added, in the order of their indices. */
export const newIds = (engine: SqlService, { asked, map, size, stored }: Ids): Numbered["newItems"] => {
  if (size === stored) return Stream.empty;
  const [id, index] = map.schema;
  return Stream.unwrapScoped(
    Effect.gen(function* () {
      const paths = yield* Effect.promise(() => partsIn(asked.added));
      const session = yield* engine.session;
      const rows = sql`SELECT ${identifier(id.name)} AS id FROM read_parquet(${paths}) ORDER BY ${identifier(index.name)}`;
      return Stream.map(session.stream(rows), (batch) =>
        Array.from({ length: batch.rows }, (_, row) => batch.columns.id[row] as string),
      );
    }),
  );
};
