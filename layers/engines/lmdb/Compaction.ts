/**
 * Compaction: has a process of its own write the store's file anew (`CompactFile.ts`), before the store is opened where that was asked
 * for, or at a word.
 *
 * No start fails by it: where it cannot be done, the store is opened as it is, and a warning says what is missing.
 */
import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { Clock, Duration, Effect, Either, Option, Schedule, Schema } from "effect";
import { artifactPath } from "../../../src/kernels/Artifact.ts";
import type { Compacted } from "./CompactFile.ts";
import { isDue, isUnderWay, readNote } from "./CompactionNote.ts";
import { holdersOf } from "./Openings.ts";

/** Of a start; it is killed then, and the store is opened as it is. */
const patience = Duration.minutes(10);

const Answer = Schema.parseJson(
  Schema.Union(
    Schema.TaggedStruct("Done", { before: Schema.Number, after: Schema.Number }),
    Schema.TaggedStruct("Open", { holders: Schema.Array(Schema.String) }),
    Schema.TaggedStruct("NoRoom", { needed: Schema.Number, free: Schema.Number }),
    Schema.TaggedStruct("Failed", { message: Schema.String }),
  ),
);
const decode = Schema.decodeUnknownEither(Answer);

const failed = (message: string): Compacted => ({ _tag: "Failed", message });

/** Whatever it comes to. Killed when it is interrupted, which leaves the old file or the new one. */
export const compactAt = (folder: string): Effect.Effect<Compacted> =>
  Effect.async((resume) => {
    const child = spawn(process.execPath, [artifactPath("compact.js"), folder], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    let said = "";
    child.stdout.on("data", (bytes) => {
      said += bytes;
    });
    child.once("error", ({ message }) => resume(Effect.succeed(failed(message))));
    child.once("close", (code, signal) =>
      resume(Effect.succeed(Either.getOrElse(decode(said), () => failed(`it ended with ${signal ?? `code ${code}`}`)))),
    );
    return Effect.sync(() => child.kill("SIGKILL"));
  });

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;

/** Why it was not done, and what to do. */
export const refusalOf = (folder: string, found: Exclude<Compacted, { readonly _tag: "Done" }>): string => {
  switch (found._tag) {
    case "Open":
      return `the store ${folder} is open in ${found.holders.join(", ")}: stop whatever uses it; remove the file of a process that is no more`;
    case "NoRoom":
      return `compacting the store ${folder} needs ${megabytes(found.needed)} free on its disk, which has ${megabytes(found.free)}: free some space`;
    case "Failed":
      return `the store ${folder} could not be compacted, and is as it was: ${found.message}`;
  }
};

export const successOf = (folder: string, { after, before }: Extract<Compacted, { readonly _tag: "Done" }>): string =>
  `the store ${folder} was compacted from ${megabytes(before)} to ${megabytes(after)}: nothing that was removed is left in it`;

const later = "what was removed stays in its file until a start that can, or `compact-store`";

/** Until no other process is at it: to open the store would wait for that too, and keep the event loop meanwhile. */
const othersAreThrough = (folder: string): Effect.Effect<void> =>
  Effect.gen(function* () {
    const isBusy = Effect.sync(() => isUnderWay(readNote(folder)));
    if (!(yield* isBusy)) return;
    yield* Effect.logInfo(
      `the store ${folder} is being compacted by another process: it is opened when that is through`,
    );
    yield* Effect.repeat(isBusy, { while: (busy) => busy, schedule: Schedule.spaced("100 millis") });
  });

/** Where it was asked for, and nobody has the store open. To be asked before the remains of other processes are forgotten. */
export const compactedIfDue = (folder: string): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* othersAreThrough(folder);
    const now = (yield* Clock.currentTimeMillis) / 1000;
    const file = join(folder, "data.mdb");
    if (!isDue(readNote(folder), now) || holdersOf(folder).length > 0 || !existsSync(file)) return;
    yield* Effect.logInfo(
      `the store ${folder} (${megabytes(statSync(file).size)}) is compacted before it is opened: shoppers who are forgotten go out of its file`,
    );
    const found = yield* Effect.timeoutOption(compactAt(folder), patience);
    if (Option.isNone(found)) {
      return yield* Effect.logWarning(
        `compacting the store ${folder} took more than ${Duration.format(patience)}, and was given up: ${later}`,
      );
    }
    const { value } = found;
    yield* value._tag === "Done"
      ? Effect.logInfo(successOf(folder, value))
      : Effect.logWarning(`${refusalOf(folder, value)}. ${later}`);
  }).pipe(
    Effect.catchAllDefect((cause) => Effect.logWarning(`the store ${folder} was not compacted: ${String(cause)}`)),
  );
