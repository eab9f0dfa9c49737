/**
 * Forgotten: what is remembered of a user who is forgotten: no id, but a salted hash of it, by which rows of files and of
 * archives are known that still name them; when and where that was said; and how far the removal is.
 */
import { createHash } from "node:crypto";
import { Schema } from "effect";

/** What there is to remove. event_log: that the log's retention has removed it. */
export const StepName = Schema.Literal(
  "states",
  "events",
  "transactions",
  "customers",
  "user_map",
  "training_data",
  "models",
  "dead_letters",
  "rejected",
  "event_log",
);
export type StepName = typeof StepName.Type;

export const Tombstone = Schema.Struct({
  /** Also its receipt's id. */
  hash: Schema.String,
  /** Unix seconds: what happened up to then is forgotten. */
  forgottenAt: Schema.Number,
  /** Where the word stands in the event log. Absent until the log has taken it. */
  place: Schema.optional(Schema.Struct({ log: Schema.String, partition: Schema.Int, offset: Schema.BigInt })),
  /** By step, when it was done, in unix seconds. */
  done: Schema.partial(Schema.Record({ key: StepName, value: Schema.Number })),
});
export type Tombstone = typeof Tombstone.Type;

export const tombstoneText = Schema.parseJson(Tombstone);

/** The salt is of one length, so no two pairs make the same text. */
export const saltedHash = (salt: string, userId: string): string =>
  createHash("sha256").update(salt).update(userId).digest("hex");

/** Asked for again: all steps begin anew, since the user may have come back meanwhile. */
export const forgottenAgain = (hash: string, now: number): Tombstone => ({ hash, forgottenAt: now, done: {} });

/** Of two words about one user the later counts. */
export const placedAt = (
  before: Tombstone | undefined,
  hash: string,
  appendedAt: number,
  place: NonNullable<Tombstone["place"]>,
): Tombstone => {
  const known = before?.place;
  if (before === undefined) return { hash, forgottenAt: appendedAt, place, done: {} };
  if (known === undefined) return { ...before, place, forgottenAt: Math.max(before.forgottenAt, appendedAt) };
  const isNewer =
    known.log === place.log && known.partition === place.partition
      ? place.offset > known.offset
      : appendedAt > before.forgottenAt;
  return isNewer ? { hash, forgottenAt: Math.max(before.forgottenAt, appendedAt), place, done: {} } : before;
};

/** When and where something happened: in the event log, if it came by that; in unix seconds when it arrived or, if nobody knows, was done. */
export interface Happened {
  readonly place: Tombstone["place"];
  readonly at: number;
}

/** Whether that is of before the word: by its place where both are of one partition of one log, else by the time. */
export const isOfBefore = ({ forgottenAt, place: word }: Tombstone, { at, place }: Happened): boolean =>
  word !== undefined && place !== undefined && word.log === place.log && word.partition === place.partition
    ? place.offset < word.offset
    : at <= forgottenAt;

export const withStep = (tombstone: Tombstone, step: StepName, now: number): Tombstone =>
  tombstone.done[step] === undefined ? { ...tombstone, done: { ...tombstone.done, [step]: now } } : tombstone;
