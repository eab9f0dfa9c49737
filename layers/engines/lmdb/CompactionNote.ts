/**
 * CompactionNote: whether the store is to be compacted, and when it was, in the file `compaction.json` beside its data.
 *
 * An attempt that did not come to its end is not repeated for a day: a start that takes longer than whatever watches over it
 * allows would be killed, and killed again.
 */
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Either, Schema } from "effect";
import { Identity, isRunning } from "../../Processes/Identity.ts";

const CompactionNote = Schema.Struct({
  /** Unix seconds: since when it has been due. */
  asked: Schema.optional(Schema.Number),
  /** Of the attempt that has not come to its end, and the process that makes it. */
  begun: Schema.optional(Schema.Number),
  by: Schema.optional(Identity),
  /** What was removed from the store before that is not in its file any more. */
  done: Schema.optional(Schema.Number),
});
export type CompactionNote = typeof CompactionNote.Type;

const text = Schema.parseJson(CompactionNote);
const decode = Schema.decodeUnknownEither(text);
const encode = Schema.encodeSync(text);

const pathIn = (folder: string): string => join(folder, "compaction.json");
const secondsBetweenAttempts = 86_400;

/** What cannot be read counts as nothing: then it is asked for again. */
export const readNote = (folder: string): CompactionNote =>
  existsSync(pathIn(folder)) ? Either.getOrElse(decode(readFileSync(pathIn(folder), "utf8")), () => ({})) : {};

export const writeNote = (folder: string, note: CompactionNote): void => {
  const beside = `${pathIn(folder)}.${randomUUID()}.part`;
  writeFileSync(beside, encode(note));
  renameSync(beside, pathIn(folder));
};

/** Whether a process of this host is at it. */
export const isUnderWay = ({ by }: CompactionNote): boolean => by !== undefined && isRunning(by) === true;

/** `now`: unix seconds. */
export const isDue = ({ asked, begun }: CompactionNote, now: number): boolean =>
  asked !== undefined && (begun === undefined || Math.abs(now - begun) > secondsBetweenAttempts);
