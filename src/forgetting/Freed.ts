/**
 * Freed: what goes last of a user who is forgotten: the event log's records, by its retention, and then bytes in the embedded
 * store's file, which nothing reads any more, by a compaction.
 */
import { Effect } from "effect";
import type { StepName, Tombstone } from "../domain/Forgotten.ts";
import { EventLog } from "../ports/EventLog.ts";
import { StoreFile } from "../ports/StoreFile.ts";

/** Of whom the log has neither the word nor what was before it. Of another log than this one nothing is known. */
export const goneFromLog = (tombstones: ReadonlyArray<Tombstone>) =>
  Effect.gen(function* () {
    if (tombstones.length === 0) return [];
    const log = yield* EventLog;
    const identity = yield* log.identity;
    const starts = yield* log.startOffsets;
    return tombstones.filter(({ place }) => place?.log === identity && (starts[place.partition] ?? 0n) > place.offset);
  });

/** The steps that remove something from the embedded store, or what could come into it again with a model of before. */
const within = ["states", "user_map", "models", "dead_letters", "event_log"] as const satisfies ReadonlyArray<StepName>;

/** Unix seconds: since when the embedded store holds nothing of the user. Undefined: it does, or may. */
export const freedAt = ({ done }: Tombstone): number | undefined =>
  within.reduce<number | undefined>((latest, step) => {
    const at = done[step];
    return latest === undefined || at === undefined ? undefined : Math.max(latest, at);
  }, 0);

/** Has the store compacted at its next opening, if bytes are left in it of somebody who is out of everything else. */
export const askForCompaction = (tombstones: ReadonlyArray<Tombstone>) =>
  Effect.gen(function* () {
    const store = yield* StoreFile;
    if (!store.isEmbedded) return;
    const compacted = (yield* store.compactedAt) ?? 0;
    const left = tombstones.filter((tombstone) => (freedAt(tombstone) ?? 0) > compacted).length;
    if (left === 0) return;
    yield* store.ask;
    yield* Effect.logInfo(
      `the embedded store's file may hold bytes of ${left} users who are forgotten: it is compacted when it is next opened by a process that has it to itself`,
    );
  });
