/** Receipt: how far the removal of a user who is forgotten is, in words. */
import { Duration, Schema } from "effect";
import type { StepName, Tombstone } from "../domain/Forgotten.ts";
import { freedAt } from "./Freed.ts";

export const ReceiptStep = Schema.Struct({
  step: Schema.String,
  state: Schema.Literal("done", "pending", "by_retention"),
  at: Schema.optional(Schema.String.annotations({ description: "When it was done, or will be; RFC 3339." })),
  detail: Schema.String,
}).annotations({ identifier: "ReceiptStep" });

export const Receipt = Schema.Struct({
  receipt: Schema.String.annotations({ description: "For GET /receipts/{receipt}." }),
  forgotten_at: Schema.String.annotations({ description: "What the user did up to then is forgotten; RFC 3339." }),
  state: Schema.Literal("forgotten", "removing", "removed").annotations({
    description:
      "forgotten: nothing of the user is in any answer, and copies are still to be removed; removing: some copies are removed; removed: all are, by retention too.",
  }),
  steps: Schema.Array(ReceiptStep),
  kept: Schema.String.annotations({ description: "What nothing here removes, in words." }),
}).annotations({ identifier: "Receipt" });
export type Receipt = typeof Receipt.Type;

/** What each step removes, and by what. */
const details: Readonly<Record<Exclude<StepName, "event_log">, string>> = {
  states:
    "vector, history, what was bought and hidden, and the id, in every model: when each has come to the word in the event log",
  events: "rows of raw/events: by the next batch, or `batch forget`",
  transactions: "rows of raw/transactions: by the next batch, or `batch forget`",
  customers: "the row of raw/customers: by the next batch, or `batch forget`",
  user_map: "the id in processed/user_map, whose index stays: by the next batch, or `batch forget`",
  training_data: "ratings, histories and sums in processed/: by the next batch",
  models: "the user's factors in the tables of models of before: by the next batch, or `batch forget`",
  dead_letters: "events that could not be used: by the next batch, or `batch forget`",
  rejected: "rows of rejected/: by the next batch, or `batch forget`",
};

const kept =
  "The shop's own files (data/raw, what was imported) and backups are not changed: they may name the user, and what is read of them again is left out.";

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

export interface Retentions {
  /** Of the event log. */
  readonly log: Duration.Duration;
  /** Of tables' versions. */
  readonly tables: Duration.Duration;
}

export interface FileState {
  /** Whether there is an embedded store. */
  readonly isEmbedded: boolean;
  /** Unix seconds. */
  readonly compactedAt: number | undefined;
}

/** Bytes in the embedded store's file. */
const fileStep = (tombstone: Tombstone, compactedAt: number | undefined): typeof ReceiptStep.Type => {
  const freed = freedAt(tombstone);
  const step = "store_file";
  const detail =
    "bytes in the embedded store's file, which nothing reads: once nothing of the user is in the store any more, the event log's records included, by the first start of a process that has it to itself, or `compact-store`";
  return freed !== undefined && compactedAt !== undefined && compactedAt >= freed
    ? { step, state: "done", at: iso(compactedAt), detail }
    : { step, state: "pending", detail };
};

/** `now`: unix seconds. */
export const receiptOf = (
  tombstone: Tombstone,
  { log, tables }: Retentions,
  { compactedAt, isEmbedded }: FileState,
  now: number,
): Receipt => {
  const { done, forgottenAt, hash } = tombstone;
  const steps: Array<typeof ReceiptStep.Type> = Object.entries(details).map(([step, detail]) => {
    const at = done[step as StepName];
    return at === undefined ? { step, state: "pending", detail } : { step, state: "done", at: iso(at), detail };
  });
  const isRemoved = steps.every(({ state }) => state === "done");
  const logDetail = "records of the event log: after RETENTION; the first batch after it looks whether they are gone";
  steps.push(
    done.event_log === undefined
      ? { step: "event_log", state: "by_retention", at: iso(forgottenAt + Duration.toSeconds(log)), detail: logDetail }
      : { step: "event_log", state: "done", at: iso(done.event_log), detail: logDetail },
  );
  const newest = Object.entries(details).reduce(
    (most, [step]) => Math.max(most, done[step as StepName] ?? 0),
    forgottenAt,
  );
  const versionsGo = newest + Duration.toSeconds(tables);
  steps.push({
    step: "old_versions",
    state: isRemoved && versionsGo <= now ? "done" : "by_retention",
    at: iso(versionsGo),
    detail: "files of older versions of tables: by the first batch after TABLE_RETENTION",
  });
  if (isEmbedded) steps.push(fileStep(tombstone, compactedAt));
  const isOver = steps.every(({ state }) => state === "done");
  const isBegun = Object.keys(done).some((step) => step !== "states");
  const state = isOver ? "removed" : isBegun ? "removing" : "forgotten";
  return { receipt: hash, forgotten_at: iso(forgottenAt), state, steps, kept };
};
