/** Snapshot: the training snapshot, which names the versions of all that one run read and wrote. */
import { Effect, Stream } from "effect";
import { eventTypesText } from "../domain/EventTypes.ts";
import { offsetKey } from "../domain/Model.ts";
import { archivedPartition, trainingSnapshot } from "../domain/TableSchemas.ts";
import type { InteractionTables } from "../ports/BatchSteps.ts";
import { type TableError, Tables } from "../ports/Tables.ts";
import { carryOver, type RowCounts, type SnapshotRow } from "./Carried.ts";

export interface RunNotes {
  /** By table. */
  readonly versions: Readonly<Record<string, number>>;
  readonly sources: InteractionTables;
  readonly counts: RowCounts;
  readonly debounceSeconds: number;
  /** Of the catalogue. */
  readonly notes: ReadonlyArray<SnapshotRow>;
}

export const writeSnapshot = ({
  versions,
  sources,
  counts,
  debounceSeconds,
  notes,
}: RunNotes): Effect.Effect<void, TableError, Tables> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const read = Object.entries(versions).map(([key, version]): SnapshotRow => {
      return { kind: "table", key, value: BigInt(version) };
    });
    const offsets = [...(sources.events?.transactions ?? [])].flatMap(([appId, value]): ReadonlyArray<SnapshotRow> => {
      const archived = archivedPartition(appId);
      if (archived === undefined) return [];
      return [{ kind: "offset", key: offsetKey(archived.identity, archived.partition), value }];
    });
    const { list } = sources.types;
    const types: SnapshotRow = { kind: "types", key: eventTypesText(list), value: BigInt(list.length) };
    const rows = [...read, ...offsets, types, ...(yield* carryOver(sources, counts, debounceSeconds)), ...notes];
    const columns = {
      kind: rows.map(({ kind }) => kind),
      key: rows.map(({ key }) => key),
      value: rows.map(({ value }) => value),
    };
    yield* tables.overwrite(
      trainingSnapshot.name,
      trainingSnapshot.schema,
      Stream.make({ rows: rows.length, columns }),
    );
  });
