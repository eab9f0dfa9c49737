/** Archive: the role that writes every event to the Delta table raw/events. */
import { Effect } from "effect";
import { values } from "../config/Setting.ts";
import { rawEvents } from "../domain/TableSchemas.ts";
import { Tables } from "../ports/Tables.ts";
import { archiverGroup } from "../stream/ArchiveOffsets.ts";
import { archiver } from "../stream/Archiver.ts";
import { archiveByEngine } from "../stream/EngineArchiver.ts";
import { archive, runtime } from "../stream/Settings.ts";
import { supervise } from "../stream/Supervisor.ts";
import { Vitals } from "../vitals/Vitals.ts";

/** Shows, while the role runs, whether the archive can be written. */
const watchTable = Effect.gen(function* () {
  const { writes } = yield* Vitals;
  const tables = yield* Tables;
  yield* Effect.acquireRelease(
    Effect.sync(() => writes.set("tables", { role: "archiver", trial: tables.writable(rawEvents.name) })),
    () => Effect.sync(() => writes.delete("tables")),
  );
});

/** Archives until interrupted: it then writes what it holds. */
export const runArchiver = Effect.gen(function* () {
  const { archive: counts } = yield* Vitals;
  const { engine, ...chosen } = yield* values(archive);
  const how = {
    ...chosen,
    onCommit: (rows: number, at: number) => {
      counts.rows += rows;
      counts.commits += 1;
      counts.lastCommit = at;
    },
  };
  const settings = yield* values(runtime);
  yield* watchTable;
  yield* Effect.logInfo("archiving events to raw/events");
  if (engine === "spark") return yield* archiveByEngine({ ...how, ...settings });
  const processing = yield* archiver(how);
  return yield* supervise({ group: archiverGroup, start: () => 0n, processing, settings });
}).pipe(Effect.scoped);
