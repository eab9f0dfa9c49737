/** Slices: long work in pieces, between which whatever waits in the event loop runs. */
import { Effect } from "effect";
import { breathe } from "../../training/Plane.ts";

/** What is looked at between two breaths: a few milliseconds, cold code and new texts included. */
export const atOnce = 512;

/** `each` of all places below `length`, so many at a time. */
export const inSlices = (length: number, each: (at: number) => void, many = atOnce): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (let from = 0; from < length; from += many) {
      for (let at = from; at < Math.min(length, from + many); at++) each(at);
      yield* breathe;
    }
  });
