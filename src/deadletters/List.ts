/** List: dead letters for a person at a terminal: when, where, who, why, and the event. */
import { Effect } from "effect";
import { type FindOptions, findLetters, type Letter } from "./Described.ts";

const worded = ({ by, bytes, detail, given_up, is_cut, offset, partition, reason, state, value }: Letter): string => {
  const time = given_up.slice(0, 19).replace("T", " ");
  const done = state === "open" ? "" : `  (${state})`;
  return [
    `${time}  ${reason}  partition ${partition} offset ${offset}  ${by.join(", ")}${done}`,
    `  ${detail}`,
    `  ${value}${is_cut ? `… (${bytes} bytes)` : ""}`,
  ].join("\n");
};

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** The newest `limit` events that were given up, oldest first, and how many there are of each reason. */
export const listLetters = (options: FindOptions) =>
  Effect.map(findLetters(options), ({ byReason, done, letters, total }) => {
    if (total === 0) return `no dead letters${options.reason === undefined ? "" : ` of reason ${options.reason}`}`;
    const sums = [...byReason].map(([name, count]) => `${count} ${name}`).join(", ");
    const summary =
      `${counted(total, "event")} given up: ${sums}; ${done} replayed or counted since` +
      (letters.length < total ? `; the last ${letters.length} are shown (--limit)` : "");
    return [...letters.map(worded), summary].join("\n");
  });
