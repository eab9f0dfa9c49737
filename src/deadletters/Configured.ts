/** Configured: the command `dead-letters`, by the settings. */
import { Console, Effect } from "effect";
import { dropLetters } from "./Drop.ts";
import { listLetters } from "./List.ts";
import { type ReplaySummary, replayLetters } from "./Replay.ts";
import { letters } from "./Settings.ts";

const reason = Effect.map(letters.reason.config, (chosen) => (chosen === "any" ? undefined : chosen));

const events = (count: number): string => `${count} event${count === 1 ? "" : "s"}`;

/** Reasons that are told one by one. */
const mostTold = 20;

export const worded = ({ counted, replayed, unusable }: ReplaySummary): string => {
  const told = [...unusable].sort(([, a], [, b]) => b - a);
  const rest = told.slice(mostTold).reduce((sum, [, count]) => sum + count, 0);
  return [
    replayed === 0 ? "nothing to replay" : `replayed ${events(replayed)}`,
    ...(counted === 0 ? [] : [`${events(counted)} counted already: models were trained on them, or read them since`]),
    ...told.slice(0, mostTold).map(([why, count]) => `${events(count)} cannot be used yet: ${why}`),
    ...(rest === 0 ? [] : [`${events(rest)} more cannot be used yet`]),
  ].join("\n");
};

export const listConfigured = Effect.gen(function* () {
  yield* Console.log(yield* listLetters({ reason: yield* reason, limit: yield* letters.limit.config }));
});

export const replayConfigured = Effect.gen(function* () {
  const summary = yield* replayLetters({ reason: yield* reason, all: yield* letters.all.config });
  yield* Console.log(worded(summary));
});

export const dropConfigured = Effect.gen(function* () {
  const all = yield* letters.all.config;
  const dropped = yield* dropLetters({ reason: yield* reason, done: !all });
  yield* Console.log(
    `dropped ${events(dropped)}${all ? "" : " that had been replayed, or counted; --all drops the others, too"}`,
  );
});
