/** Drop: deletes dead letters for good. */
import { Effect } from "effect";
import { type DeadLetterReason, DeadLetters } from "../ports/DeadLetters.ts";
import { casesOf, everything, isDone } from "./Cases.ts";

export interface DropOptions {
  readonly reason: DeadLetterReason | undefined;
  /** Only what was replayed or counted since. */
  readonly done: boolean;
}

/** Answers how many events are no more among them. */
export const dropLetters = ({ done, reason }: DropOptions) =>
  Effect.gen(function* () {
    const letters = yield* DeadLetters;
    const cases = casesOf(yield* letters.list(everything)).filter(
      (one) => (reason === undefined || one.letters[0]?.reason === reason) && (!done || one.letters.every(isDone)),
    );
    yield* letters.drop(cases.flatMap((one) => one.letters));
    return cases.length;
  });
