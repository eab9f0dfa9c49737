/** Evidence: what tuned settings are worth, in words. */
import { Schema } from "effect";
import type { Evidence } from "../domain/Model.ts";

const Moment = Schema.String.annotations({ description: "ISO 8601, in UTC." });

/** As the API tells it. */
export const Worth = Schema.Struct({
  cutoff: Schema.Int.annotations({ description: "Length of the lists that were judged." }),
  default_ndcg: Schema.Number,
  tuned_ndcg: Schema.Number,
  gain: Schema.Struct({ mean: Schema.Number, margin: Schema.Number }).annotations({
    description:
      "Tuned less default at the same events: the mean, and half the width of its 95 % interval over shoppers.",
  }),
  events: Schema.Int,
  shoppers: Schema.Int,
  trials: Schema.Int.annotations({ description: "Settings that were tried." }),
  tested_from: Moment,
  tested_to: Moment,
}).annotations({
  identifier: "Worth",
  description: "What tuned settings are worth, on days that no trial had looked at.",
});
export type Worth = typeof Worth.Type;

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

export const worthOf = ({
  cutoff,
  defaultNdcg,
  events,
  from,
  gain,
  shoppers,
  to,
  trials,
  tunedNdcg,
}: Evidence): Worth => ({
  ...{ cutoff, default_ndcg: defaultNdcg, tuned_ndcg: tunedNdcg, gain, events, shoppers, trials },
  ...{ tested_from: iso(from), tested_to: iso(to) },
});

const day = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

/** What tuned settings are worth, in a sentence without its full stop. */
export const evidenceSentence = (evidence: Evidence): string => {
  const { besides = [], cutoff, defaultNdcg, events, from, gain, shoppers, to, trials, tunedNdcg } = evidence;
  return (
    `NDCG@${cutoff} ${tunedNdcg.toFixed(4)} with the tuned settings, ${defaultNdcg.toFixed(4)} with the defaults: ` +
    `${gain.mean < 0 ? "" : "+"}${gain.mean.toFixed(4)} ± ${gain.margin.toFixed(4)} (95 % interval of the paired difference over ${shoppers} shoppers), ` +
    `on ${events} events from ${day(from)} to ${day(to)} that none of the ${trials} trials had looked at` +
    (besides.length === 0 ? "" : `; measured with ${besides.join("; with ")}`)
  );
};
