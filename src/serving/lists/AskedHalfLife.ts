/**
 * AskedHalfLife: by which half-life what trends can be told of a model that has no ladder of half-lives (`learning/TrendLadder.ts`),
 * as those that were trained or loaded before there were any, until the next batch.
 *
 * Of such a one sums are kept that fade by its own half-life H; when each event was is not known any more. So `mergePopularity` fades by
 * another one, h, what the batch counted against what came since, and within either part H stands.
 * From H / 2 to 2 H an event of the last H counts at least half and at most twice as much as by h throughout; beyond
 * that the list would be another half-life's, and nothing is answered.
 */
import { Effect } from "effect";
import { InvalidInput } from "../Errors.ts";

export interface AskedHalfLife {
  readonly seconds: number;
  /** As it was asked for. */
  readonly text: string;
}

const hour = 3_600;
/** The parameter's own end. */
const longestHours = 365 * 24;

/** In whole hours; undefined where no half-life can be asked for that is as near to the model's, in seconds. */
export const boundsOf = (own: number): { readonly from: number; readonly to: number } | undefined => {
  const from = Math.ceil(own / 2 / hour);
  return from > longestHours ? undefined : { from, to: Math.min(longestHours, Math.floor((2 * own) / hour)) };
};

/** In seconds; `own`: the model's. */
export const halfLifeAsked = (asked: AskedHalfLife | undefined, own: number): Effect.Effect<number, InvalidInput> => {
  if (asked === undefined) return Effect.succeed(own);
  const bounds = boundsOf(own);
  const hours = asked.seconds / hour;
  if (bounds !== undefined && bounds.from <= hours && hours <= bounds.to) return Effect.succeed(asked.seconds);
  const remedy =
    (bounds === undefined ? "leave it out" : `send hours from ${bounds.from}h to ${bounds.to}h, or leave it out`) +
    "; of the next batch's model any can be asked";
  return Effect.fail(
    new InvalidInput({
      message:
        `What trends cannot be told by a half-life of ${asked.text} yet: of this model sums alone are known that fade by ` +
        `the model's own, ${Math.round(own / hour)}h, so it can be half to twice as long.`,
      errors: [{ field: "half_life", value: asked.text, detail: remedy }],
    }),
  );
};
