/** StoreFile of the embedded store in `$DATA_DIR/store`, which is not opened for it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Clock, Effect } from "effect";
import { StoreFileError, type StoreFileService } from "../../src/ports/StoreFile.ts";
import { compactAt, refusalOf, successOf } from "../engines/lmdb/Compaction.ts";
import { readNote, writeNote } from "../engines/lmdb/CompactionNote.ts";

/** `folder`: of the store. */
export const storeFileAt = (folder: string): StoreFileService => {
  const tried = <A>(use: () => A): Effect.Effect<A, StoreFileError> =>
    Effect.try({
      try: use,
      catch: (cause) =>
        new StoreFileError({
          reason: "Unavailable",
          message: `the note beside the store ${folder} cannot be read or written: ${cause instanceof Error ? cause.message : cause}`,
          cause,
        }),
    });
  return {
    isEmbedded: true,
    compactedAt: tried(() => readNote(folder).done),
    ask: Effect.flatMap(Clock.currentTimeMillis, (now) =>
      tried(() => {
        const note = readNote(folder);
        // An attempt that did not come to its end stays noted.
        if (note.asked === undefined) writeNote(folder, { ...note, asked: now / 1000 });
      }),
    ),
    compact: Effect.gen(function* () {
      if (!existsSync(join(folder, "data.mdb"))) {
        return yield* new StoreFileError({ reason: "Refused", message: `there is no store in ${folder}` });
      }
      const found = yield* compactAt(folder);
      return found._tag === "Done"
        ? successOf(folder, found)
        : yield* new StoreFileError({ reason: "Refused", message: refusalOf(folder, found) });
    }),
  };
};
