/** Cases: dead letters by the event that they are of: its updaters and the archiver may each have given it up. */
import { DeadLetterReason, type KeptLetter, type LetterKey } from "../ports/DeadLetters.ts";

/** The letters of one record, oldest first, at least one. */
export interface Case {
  readonly letters: ReadonlyArray<KeptLetter>;
}

/** More letters than there are. */
export const everything = 2 ** 31 - 1;

export const place = ({ log, offset, partition }: LetterKey): string => `${log} ${partition} ${offset}`;

/** Oldest first. */
export const casesOf = (letters: ReadonlyArray<KeptLetter>): ReadonlyArray<Case> => {
  const cases = new Map<string, Array<KeptLetter>>();
  for (const letter of letters) {
    const known = cases.get(place(letter));
    if (known === undefined) cases.set(place(letter), [letter]);
    else known.push(letter);
  }
  return Array.from(cases.values(), (own) => ({ letters: own }));
};

export const reasons = DeadLetterReason.literals;

/** Whether a replay has been through with it. */
export const isDone = ({ replay }: KeptLetter): boolean => replay !== undefined && replay.state !== "begun";

export const openLetters = ({ letters }: Case): ReadonlyArray<KeptLetter> =>
  letters.filter((letter) => !isDone(letter));
