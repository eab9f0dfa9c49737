/** Described: what is told of events that were given up, to whoever asks. */
import { Effect, Option, Schema } from "effect";
import { printable } from "../domain/Printable.ts";
import { tellableLetters } from "../forgetting/Letters.ts";
import { DeadLetterReason, type KeptLetter } from "../ports/DeadLetters.ts";
import { type Case, casesOf, isDone, place } from "./Cases.ts";

export const Letter = Schema.Struct({
  given_up: Schema.String.annotations({ description: "ISO 8601, in UTC: when it was, first." }),
  reason: DeadLetterReason,
  detail: Schema.String.annotations({ description: "What is wrong with it." }),
  partition: Schema.Int,
  offset: Schema.String.annotations({ description: "Its place in the event log, a whole number of any size." }),
  by: Schema.Array(Schema.String).annotations({ description: "Who gave it up: `archiver`, or `updater-MODEL`." }),
  state: Schema.Literal("open", "replayed", "counted").annotations({
    description: "replayed: it was appended again. counted: it need not be, for it had counted already.",
  }),
  value: Schema.String.annotations({ description: "The record as text, cut at 400 characters." }),
  is_cut: Schema.Boolean.annotations({ description: "Whether the value goes on." }),
  bytes: Schema.Int.annotations({ description: "Of the whole record." }),
}).annotations({ identifier: "DeadLetter" });
export type Letter = typeof Letter.Type;

const longestShown = 400;
const words = new TextDecoder();

const stateOf = ({ letters }: Case): Letter["state"] => {
  if (!letters.every(isDone)) return "open";
  return letters.some(({ replay }) => replay?.state === "replayed") ? "replayed" : "counted";
};

const described = (one: Case): Letter => {
  const [first] = one.letters as [KeptLetter];
  const text = printable(words.decode(first.value));
  return {
    given_up: new Date(first.keptAt * 1000).toISOString(),
    reason: first.reason,
    detail: printable(first.detail),
    partition: first.partition,
    offset: String(first.offset),
    by: one.letters.map(({ consumer }) => consumer),
    state: stateOf(one),
    value: text.slice(0, longestShown),
    is_cut: text.length > longestShown,
    bytes: first.value.length,
  };
};

/** Where a page begins: the letter that it is older than. */
const Place = Schema.parseJson(Schema.Tuple(Schema.Number, Schema.String));
const Cursor = Schema.compose(Schema.StringFromBase64Url, Place);
const write = Schema.encodeSync(Cursor);

/** Whether it is a cursor of ours. */
export const isCursor = (text: string): boolean => Option.isSome(Schema.decodeOption(Cursor)(text));

const startOf = ({ letters: [first] }: Case): readonly [number, string] =>
  first === undefined ? [0, ""] : [first.keptAt, place(first)];

/** Those older than the cursor's, which may be no more among them. */
const olderThan = (cases: ReadonlyArray<Case>, cursor: string | undefined): ReadonlyArray<Case> =>
  Option.match(Schema.decodeOption(Cursor)(cursor ?? ""), {
    onNone: () => cases,
    onSome: ([keptAt, name]) => {
      const at = cases.findIndex((one) => startOf(one)[1] === name);
      return at >= 0 ? cases.slice(0, at) : cases.filter((one) => startOf(one)[0] < keptAt);
    },
  });

export interface FindOptions {
  readonly reason: DeadLetterReason | undefined;
  readonly limit: number;
  /** As a page before gave it. */
  readonly cursor?: string | undefined;
}

export interface Found {
  /** Events, of all pages. */
  readonly total: number;
  readonly byReason: ReadonlyMap<DeadLetterReason, number>;
  /** Replayed, or counted since. */
  readonly done: number;
  /** Oldest first. */
  readonly letters: ReadonlyArray<Letter>;
  /** For those that are older; undefined where there is none. */
  readonly cursor: string | undefined;
}

/** The newest `limit` events that were given up, but those of whoever is forgotten. */
export const findLetters = ({ cursor, limit, reason }: FindOptions) =>
  Effect.gen(function* () {
    const cases = casesOf(yield* tellableLetters).filter(
      ({ letters: [first] }) => reason === undefined || first?.reason === reason,
    );
    const byReason = new Map<DeadLetterReason, number>();
    for (const { letters } of cases) {
      const [first] = letters as [KeptLetter];
      byReason.set(first.reason, (byReason.get(first.reason) ?? 0) + 1);
    }
    const older = olderThan(cases, cursor);
    const last = older.slice(-limit);
    const found: Found = {
      total: cases.length,
      byReason,
      done: cases.filter((one) => one.letters.every(isDone)).length,
      letters: last.map(described),
      cursor: last.length < older.length && last[0] !== undefined ? write(startOf(last[0])) : undefined,
    };
    return found;
  });
