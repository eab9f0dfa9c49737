/** LogCleanup: commits and checkpoints that have served, deleted. */
import { join } from "node:path";
import { Duration, Effect, Option } from "effect";
import { expiredLog, logRetention } from "../../../src/delta/LogExpiry.ts";
import { commitName, listing, logFolder } from "../../../src/delta/LogNames.ts";
import type { TableError } from "../../../src/ports/Tables.ts";
import { loadCheckpoint } from "./Checkpoints.ts";
import type { TableFolder } from "./TableFolder.ts";
import { namesIn } from "./TableObjects.ts";
import type { TableView } from "./TableView.ts";

/**
 * Deletes the log of versions older than the table keeps, and than `atLeast`. The checkpoint that stands for them is
 * read first: where it cannot be, they stay. Oldest first, so that what is left after a crash has no hole.
 */
export const cleanLog = (
  { table, folder, objects }: TableFolder,
  { metadata }: TableView,
  now: number,
  atLeast: Duration.Duration,
): Effect.Effect<void, TableError> =>
  Effect.gen(function* () {
    const retention = logRetention(metadata);
    if (Option.isNone(retention)) return;
    const log = join(folder, logFolder);
    const names = listing(yield* namesIn(objects, log));
    const times = yield* Effect.forEach(
      names.commits,
      (version) =>
        Effect.map(objects.head(join(log, commitName(version))), (found) =>
          Option.match(found, { onNone: () => [], onSome: ({ modified }) => [[version, modified] as const] }),
        ),
      { concurrency: 16 },
    );
    const cutoff = now - Duration.toMillis(Duration.max(retention.value, atLeast));
    const expired = expiredLog(names, new Map(times.flat()), cutoff);
    if (Option.isNone(expired)) return;
    const { checkpoint, names: served } = expired.value;
    const readable = yield* Effect.either(loadCheckpoint(objects, log, checkpoint));
    if (readable._tag === "Left") {
      return yield* Effect.logWarning(`table ${table}: its old log stays: ${readable.left.message}`);
    }
    yield* Effect.forEach(served, (name) => objects.delete(join(log, name)), { discard: true });
  });
