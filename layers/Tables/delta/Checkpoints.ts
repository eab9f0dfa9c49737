/** Checkpoints: a log state kept whole in `_delta_log`, so that readers need not replay it from the first commit. */
import { join } from "node:path";
import { Clock, Effect, Option } from "effect";
import type { Action } from "../../../src/delta/Actions.ts";
import {
  checkpointActions,
  lastCheckpointVersion,
  printLastCheckpoint,
  tombstoneMillis,
} from "../../../src/delta/Checkpoint.ts";
import { type Checkpoint, checkpointName, lastCheckpointName } from "../../../src/delta/LogNames.ts";
import { emptyState, type LogState, replay } from "../../../src/delta/LogState.ts";
import type { TableError } from "../../../src/ports/Tables.ts";
import { printCheckpoint, readCheckpoint } from "./CheckpointFile.ts";
import { failure } from "./TableErrors.ts";
import { openBuffer, readText, type TableObjects } from "./TableObjects.ts";

const readPart = (objects: TableObjects, path: string): Effect.Effect<ReadonlyArray<Action>, TableError> =>
  openBuffer(objects, path).pipe(
    Effect.flatMap((file) =>
      Effect.tryPromise({
        try: () => readCheckpoint(file),
        catch: (cause) => failure("Corrupt", objects.table, `${path} is not a readable checkpoint`, cause),
      }),
    ),
    Effect.flatten,
    Effect.mapError((error) =>
      typeof error === "string" ? failure("Corrupt", objects.table, `${path}: ${error}`) : error,
    ),
    Effect.scoped,
  );

/** The state that a checkpoint holds, from all its parts. */
export const loadCheckpoint = (
  objects: TableObjects,
  logPath: string,
  { version, parts }: Checkpoint,
): Effect.Effect<LogState, TableError> =>
  Effect.map(
    Effect.forEach(parts, (name) => readPart(objects, join(logPath, name))),
    (actions) => replay(emptyState, [{ version, actions: actions.flat() }]),
  );

/** The version that `_last_checkpoint` names; none where it is missing or damaged, for then the folder's listing tells. */
export const namedCheckpoint = (objects: TableObjects, logPath: string): Effect.Effect<Option.Option<number>> =>
  readText(objects, join(logPath, lastCheckpointName)).pipe(
    Effect.map(Option.flatMap(lastCheckpointVersion)),
    Effect.orElseSucceed(Option.none),
  );

/** Writes the state as a checkpoint of one part and points `_last_checkpoint` at it. */
export const writeCheckpoint = (
  objects: TableObjects,
  logPath: string,
  state: LogState,
): Effect.Effect<void, TableError> =>
  Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis;
    const actions = checkpointActions(state, now - tombstoneMillis);
    const bytes = yield* Effect.try({
      try: () => printCheckpoint(actions),
      catch: (cause) => failure("Io", objects.table, "a checkpoint could not be encoded", cause),
    });
    yield* objects.putIfAbsent(join(logPath, checkpointName(state.version)), bytes);
    const pointer = printLastCheckpoint({ version: state.version, size: actions.length });
    yield* objects.put(join(logPath, lastCheckpointName), Buffer.from(pointer));
    yield* objects.persistNames(logPath);
  });
