/** Evidence: what tuned settings are worth, in words. */
import type { Evidence } from "../domain/Model.ts";

const day = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

/** What tuned settings are worth, in a sentence without its full stop. */
export const evidenceSentence = (evidence: Evidence): string => {
  const { cutoff, defaultNdcg, events, from, gain, shoppers, to, trials, tunedNdcg } = evidence;
  return (
    `NDCG@${cutoff} ${tunedNdcg.toFixed(4)} with the tuned settings, ${defaultNdcg.toFixed(4)} with the defaults: ` +
    `${gain.mean < 0 ? "" : "+"}${gain.mean.toFixed(4)} ± ${gain.margin.toFixed(4)} (95 % interval of the paired difference over ${shoppers} shoppers), ` +
    `on ${events} events from ${day(from)} to ${day(to)} that none of the ${trials} trials had looked at`
  );
};
