/** Checkpoints: a log state kept whole in `_delta_log`, so that readers need not replay it from the first commit. */
import { randomUUID } from "node:crypto";
import { rename, writeFile } from "node:fs/promises";
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
import { openBuffer, persistNames, putIfAbsent, readText } from "./Files.ts";
import { failure, io } from "./TableErrors.ts";

const readPart = (table: string, path: string): Effect.Effect<ReadonlyArray<Action>, TableError> =>
  openBuffer(table, path).pipe(
    Effect.flatMap((file) =>
      Effect.tryPromise({
        try: () => readCheckpoint(file),
        catch: (cause) => failure("Corrupt", table, `${path} is not a readable checkpoint`, cause),
      }),
    ),
    Effect.flatten,
    Effect.mapError((error) => (typeof error === "string" ? failure("Corrupt", table, `${path}: ${error}`) : error)),
    Effect.scoped,
  );

/** The state that a checkpoint holds, from all its parts. */
export const loadCheckpoint = (
  table: string,
  logPath: string,
  { version, parts }: Checkpoint,
): Effect.Effect<LogState, TableError> =>
  Effect.map(
    Effect.forEach(parts, (name) => readPart(table, join(logPath, name))),
    (actions) => replay(emptyState, [{ version, actions: actions.flat() }]),
  );

/** The version that `_last_checkpoint` names; none where it is missing or damaged, for then the folder's listing tells. */
export const namedCheckpoint = (table: string, logPath: string): Effect.Effect<Option.Option<number>> =>
  readText(table, join(logPath, lastCheckpointName)).pipe(
    Effect.map(Option.flatMap(lastCheckpointVersion)),
    Effect.orElseSucceed(Option.none),
  );

/** Writes the state as a checkpoint of one part and points `_last_checkpoint` at it. */
export const writeCheckpoint = (table: string, logPath: string, state: LogState): Effect.Effect<void, TableError> =>
  Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis;
    const actions = checkpointActions(state, now - tombstoneMillis);
    const bytes = yield* Effect.try({
      try: () => printCheckpoint(actions),
      catch: (cause) => failure("Io", table, "a checkpoint could not be encoded", cause),
    });
    yield* putIfAbsent(table, logPath, checkpointName(state.version), bytes, `.${randomUUID()}.tmp`);
    const pointer = join(logPath, lastCheckpointName);
    const beside = join(logPath, `.${randomUUID()}.tmp`);
    yield* io(table, pointer, async () => {
      await writeFile(beside, printLastCheckpoint({ version: state.version, size: actions.length }));
      await rename(beside, pointer);
    });
    yield* persistNames(table, logPath);
  });
