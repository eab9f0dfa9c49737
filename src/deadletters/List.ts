/** List: dead letters for a person at a terminal: when, where, who, why, and the event. */
import { Effect } from "effect";
import { printable } from "../domain/Printable.ts";
import { type DeadLetterReason, DeadLetters, type KeptLetter } from "../ports/DeadLetters.ts";
import { type Case, casesOf, everything, isDone } from "./Cases.ts";

export interface ListOptions {
  readonly reason: DeadLetterReason | undefined;
  readonly limit: number;
}

const longestShown = 400;
const words = new TextDecoder();

const shown = (value: Uint8Array): string => {
  const text = printable(words.decode(value));
  return text.length > longestShown ? `${text.slice(0, longestShown)}… (${value.length} bytes)` : text;
};

const stateOf = ({ letters }: Case): string => {
  if (!letters.every(isDone)) return "";
  return letters.some(({ replay }) => replay?.state === "replayed") ? "  (replayed)" : "  (counted)";
};

const worded = (one: Case): string => {
  const [first] = one.letters as [KeptLetter];
  const time = new Date(first.keptAt * 1000).toISOString().slice(0, 19).replace("T", " ");
  const who = one.letters.map(({ consumer }) => consumer).join(", ");
  return [
    `${time}  ${first.reason}  partition ${first.partition} offset ${first.offset}  ${who}${stateOf(one)}`,
    `  ${printable(first.detail)}`,
    `  ${shown(first.value)}`,
  ].join("\n");
};

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** The newest `limit` events that were given up, oldest first, and how many there are of each reason. */
export const listLetters = ({ limit, reason }: ListOptions) =>
  Effect.gen(function* () {
    const letters = yield* DeadLetters;
    const cases = casesOf(yield* letters.list(everything)).filter(
      ({ letters: [first] }) => reason === undefined || first?.reason === reason,
    );
    if (cases.length === 0) return `no dead letters${reason === undefined ? "" : ` of reason ${reason}`}`;
    const tally = new Map<string, number>();
    for (const { letters } of cases) {
      const [first] = letters as [KeptLetter];
      tally.set(first.reason, (tally.get(first.reason) ?? 0) + 1);
    }
    const done = cases.filter((one) => one.letters.every(isDone)).length;
    const sums = [...tally].map(([name, count]) => `${count} ${name}`).join(", ");
    const last = cases.slice(-limit);
    const summary =
      `${counted(cases.length, "event")} given up: ${sums}; ${done} replayed or counted since` +
      (last.length < cases.length ? `; the last ${last.length} are shown (--limit)` : "");
    return [...last.map(worded), summary].join("\n");
  });
