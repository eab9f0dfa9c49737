/** Verdict: which learner is configured, which one to choose, and what it would gain. */
import type { Estimate, LearnerReport, Report } from "./Report.ts";
import { gained, plural, share } from "./ReportWords.ts";

/** Of fewer an interval over shoppers says little, and least where most events are of one of them. */
const fewestShoppers = 20;

export interface Verdict {
  readonly configured: LearnerReport;
  /** The configured one where no other is better beyond chance, or too few shoppers tell so. */
  readonly chosen: LearnerReport;
  /** The best of the others, whether chosen or not. */
  readonly best: LearnerReport;
}

/** Beyond chance: the paired 95 % interval of the gain leaves 0 out. */
export const isProven = ({ margin, mean }: Estimate): boolean => mean - margin > 0;

const isTuned = ({ name }: LearnerReport): boolean => name === "tuned";

/**
 * Among those that LEARNER can name, and the tuned settings where tune has proven them on events of its own, by NDCG at the
 * largest cutoff; undefined where nothing was scored.
 */
export const verdictOf = ({ parameters, prequential, tuned }: Report): Verdict | undefined => {
  if (prequential === null || prequential.events === 0) return undefined;
  const served = prequential.learners.filter(
    (learner) => learner.setting !== null || (isTuned(learner) && tuned?.proven === true),
  );
  const configured = served.find(({ setting }) => setting === parameters.learner);
  const [first, ...others] = served.filter((learner) => learner !== configured);
  if (configured === undefined || first === undefined) return undefined;
  const best = others.reduce((top, other) => (other.gain.mean > top.gain.mean ? other : top), first);
  const isChosen = isProven(best.gain) && prequential.users >= fewestShoppers;
  return { configured, chosen: isChosen ? best : configured, best };
};

const called = (learner: LearnerReport): string => (isTuned(learner) ? "the tuned settings" : `${learner.setting}`);

const moreBy = (gain: number, own: number): string => (own > 0 ? `${Math.round((100 * gain) / own)} % more` : "more");

const lastOf = ({ ndcg }: LearnerReport): number => ndcg[ndcg.length - 1];

/** That what LEARNER cannot name finds more than the configured one, beyond chance; empty where nothing does. */
const unserved = ({ prequential }: Report, { configured }: Verdict): string => {
  if (prequential === null || prequential.users < fewestShoppers) return "";
  const others = prequential.learners.filter((learner) => learner.setting === null && !isTuned(learner));
  const [first, ...rest] = others.filter(({ gain }) => isProven(gain));
  if (first === undefined) return "";
  const best = rest.reduce((top, other) => (other.gain.mean > top.gain.mean ? other : top), first);
  return `. But “${best.name}”, which is only measured, finds ${moreBy(best.gain.mean, lastOf(configured))}: let tune search for settings that do`;
};

/** In a sentence: what is configured, and what to choose; in a second one what else would find more. */
export const verdictSentence = (report: Report): string => {
  const verdict = verdictOf(report);
  const { learner } = report.parameters;
  const now = `Configured is LEARNER=${learner}${report.tuned?.isConfigured && report.tuned.proven ? ", tuned" : ""}`;
  if (verdict === undefined) return `${now}; this split leaves nothing to compare it by`;
  const { best, chosen, configured } = verdict;
  if (chosen === configured) {
    const isAhead = `${called(best)} ${isTuned(best) ? "are" : "is"} ahead`;
    const but = unserved(report, verdict);
    const users = report.prequential?.users ?? 0;
    if (users < fewestShoppers && !isProven(best.gain)) {
      return `${now}: keep it; ${plural(users, "shopper")} in the test part, too few to compare learners by`;
    }
    if (best.gain.mean <= 0) return `${now}: keep it; no other learner finds more on this data${but}`;
    const doubt = isProven(best.gain)
      ? `, of ${plural(users, "shopper")}, too few to choose by`
      : " by no more than chance";
    return `${now}: keep it; ${isAhead}${doubt}${but}`;
  }
  const more = moreBy(best.gain.mean, lastOf(configured));
  if (!isTuned(chosen)) return `${now}; choose LEARNER=${chosen.setting}, which would find ${more}`;
  const given = (report.tuned?.given ?? []).map((name) => `no ${name}`).join(" and ");
  return `${now}; choose the tuned settings, which would find ${more}: give ${given}`;
};

/** What it would gain, with its interval; empty where there is nothing to compare. */
export const gainSentence = (report: Report): string => {
  const verdict = verdictOf(report);
  if (verdict === undefined || report.prequential === null) return "";
  const { best, configured } = verdict;
  const { cutoffs, users } = report.prequential;
  const last = cutoffs.length - 1;
  return (
    `${isTuned(best) ? "tuned" : best.setting} against ${configured.setting}: NDCG@${cutoffs[last]} ${share(best.ndcg[last])} against ` +
    `${share(configured.ndcg[last])}, ${gained(best.gain)} (95 % interval of the paired difference over ${plural(users, "shopper")})`
  );
};
