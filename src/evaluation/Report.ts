/** Report: what an evaluation found, as it is printed, drawn and written as JSON. Times are unix seconds. */
import { Schema } from "effect";
import { Evidence, Metric, ModelParameters, Recipe } from "../domain/Model.ts";

/** A mean over users, and half the width of its 95 % confidence interval, by Student's t; of one user 1, as wide as measures are. */
export const Estimate = Schema.Struct({ mean: Schema.Number, margin: Schema.Number });
export type Estimate = typeof Estimate.Type;

const Quality = Schema.Struct({ users: Schema.Int, recall: Estimate, map: Estimate, ndcg: Estimate });
export type Quality = typeof Quality.Type;

export const SplitMethod = Schema.Literal("time", "fraction", "sessions", "leave-last-out", "random");
export type SplitMethod = typeof SplitMethod.Type;

export const EvaluateParameters = Schema.Struct({
  split: SplitMethod,
  /** Calendar days tested on (split `time`). */
  days: Schema.Int,
  /** Share of the interactions, or of the sessions, trained on (splits `fraction`, `sessions` and `random`). */
  fraction: Schema.Number,
  /** Length of the ranked lists. */
  k: Schema.Int,
  /** Most test users that are scored, drawn by `seed`. */
  maxUsers: Schema.Int,
  /** Whether items that a user has had to do with are ranked, and count when they come again. Serving: false. */
  repeats: Schema.Boolean,
  /** Window of popularity; 0: all of the past. */
  popularDays: Schema.Int,
  /** What is configured to learn from events (LEARNER). */
  learner: Schema.Literal("ema", "fold-in", "blend"),
  /** η of the moving average. */
  rate: Schema.Number,
  /** Decay per interaction of the fold-in. */
  decay: Schema.Number,
  /** What of the blend's constants can be set. */
  blend: Schema.Struct({ decay: Schema.Number, taste: Schema.Number, popularity: Schema.Number }),
  /** By which the configured learner ranks vectors. */
  metric: Metric,
  debounceSeconds: Schema.Number,
  /** Of the drawn users, the random split and the random ranker. */
  seed: Schema.Int,
  model: ModelParameters,
});
export type EvaluateParameters = typeof EvaluateParameters.Type;

/** What `tune` found for this shop. */
export const TunedReport = Schema.Struct({
  recipe: Recipe,
  evidence: Evidence,
  /** By tune's own measure: where not, the batch goes by the defaults. */
  proven: Schema.Boolean,
  /** Whether the configured model and learner are just these, so that no other has to be compared. */
  isConfigured: Schema.Boolean,
  /** Settings that somebody gave, which therefore are not as tuned. */
  given: Schema.Array(Schema.String),
});
export type TunedReport = typeof TunedReport.Type;

export const DataReport = Schema.Struct({
  interactions: Schema.Int,
  users: Schema.Int,
  items: Schema.Int,
  from: Schema.Number,
  to: Schema.Number,
  /** The oldest test interaction. */
  testFrom: Schema.Number,
  trainInteractions: Schema.Int,
  trainUsers: Schema.Int,
  /** The catalogue that is ranked: items with a train interaction, still listed where the shop gave an items file. */
  trainItems: Schema.Int,
  testInteractions: Schema.Int,
  testUsers: Schema.Int,
});
export type DataReport = typeof DataReport.Type;

export const RankerReport = Schema.Struct({
  name: Schema.String,
  ...Quality.fields,
  /** As the H&M competition counts: nothing left out of the lists, every item of the test part relevant. */
  competitionMap: Estimate,
  /** Share of the catalogue that was recommended to anyone. */
  coverage: Schema.Number,
  /** Mean self-information of what was recommended, bits. */
  novelty: Schema.Number,
  bands: Schema.Array(Schema.Struct({ band: Schema.String, ...Quality.fields })),
});
export type RankerReport = typeof RankerReport.Type;

export const OfflineReport = Schema.Struct({
  /** Users with something to find. */
  users: Schema.Int,
  /** Distinct (user, item) pairs of the test part to be found, and those left out of it. */
  relevant: Schema.Int,
  unknownItems: Schema.Int,
  /** Of items that the shop's items file no longer lists. */
  goneItems: Schema.Int,
  alreadySeen: Schema.Int,
  rankers: Schema.Array(RankerReport),
});
export type OfflineReport = typeof OfflineReport.Type;

/** Means over the scored events, by cutoff in the order of `PrequentialReport.cutoffs`. */
const Accuracy = Schema.Struct({ hit: Schema.Array(Schema.Number), ndcg: Schema.Array(Schema.Number) });

/** Of some of the scored events: NDCG at the largest cutoff, and what of it is gained on the configured learner, paired. */
const Part = Schema.Struct({ ndcg: Estimate, gain: Estimate });

export const LearnerReport = Schema.Struct({
  name: Schema.String,
  /** The value of LEARNER that serves it; null for one that is there to compare with. */
  setting: Schema.NullOr(Schema.String),
  /** By its own score; of vectors, the inner product. */
  ...Accuracy.fields,
  /** Mean reciprocal rank at the largest cutoff. */
  mrr: Schema.Number,
  /** At the largest cutoff, half the widths of the 95 % intervals over shoppers. */
  hitMargin: Schema.Number,
  ndcgMargin: Schema.Number,
  /** NDCG at the largest cutoff less that of the configured learner at the same events, with its paired interval. */
  gain: Estimate,
  /** Of shoppers with a train interaction, and of those without. */
  known: Part,
  newcomers: Part,
  /** Hit rate at the largest cutoff among new items alone, over the events on such items (`PrequentialReport.newItems`). */
  newItemHit: Estimate,
  /** Over the same events: how often the item is in an answer of `parameters.k` items whose places EXPLORE_SHARE gives away, in the mean. */
  newItemTried: Schema.optionalWith(Estimate, { default: () => ({ mean: 0, margin: 0 }) }),
  /** The same vectors, learnt alike, ranked by cosine; null where no vectors rank. */
  cosine: Schema.NullOr(Accuracy),
  /** Hit rate at the largest cutoff, by window. */
  curve: Schema.Array(Schema.Number),
});
export type LearnerReport = typeof LearnerReport.Type;

export const PrequentialReport = Schema.Struct({
  cutoffs: Schema.Array(Schema.Int),
  /** Events scored, and those left out. */
  events: Schema.Int,
  unknownItems: Schema.Int,
  /** Of items that the shop's items file no longer lists. */
  goneItems: Schema.Int,
  alreadySeen: Schema.Int,
  /** Of split `sessions`: each session's first, before which nothing is known. */
  firstEvents: Schema.Int,
  users: Schema.Int,
  /** Scored events of users without a train interaction, and how many of the users that are. */
  newUserEvents: Schema.Int,
  newUsers: Schema.Int,
  /** Events on items that the train part does not know but the shop's items file lists, first ones of their users: these could be found. */
  newItems: Schema.Struct({
    /** Whether the shop gave an items file: without one nothing is known of an item before its first event. */
    itemsFile: Schema.Boolean,
    events: Schema.Int,
    users: Schema.Int,
    items: Schema.Int,
    /** New items that can be found by their attributes, whether anybody came to them or not: among them they are ranked. */
    placed: Schema.optionalWith(Schema.Int, { default: () => 0 }),
  }),
  /** Of the fading popularity. */
  halfLifeSeconds: Schema.Number,
  /** Consecutive stretches of scored events, equal in number, of the curve. */
  windows: Schema.Array(Schema.Struct({ from: Schema.Number, events: Schema.Int })),
  learners: Schema.Array(LearnerReport),
});
export type PrequentialReport = typeof PrequentialReport.Type;

export const Report = Schema.Struct({
  /** ISO 8601. */
  createdAt: Schema.String,
  parameters: EvaluateParameters,
  /** Null where nothing was tuned. */
  tuned: Schema.NullOr(TunedReport),
  /** What in the data makes the figures tell little; sentences without their full stops. */
  warnings: Schema.optionalWith(Schema.Array(Schema.String), { default: () => [] }),
  data: DataReport,
  training: Schema.Struct({ seconds: Schema.Number, losses: Schema.Array(Schema.Number) }),
  offline: OfflineReport,
  /** Null for leave-last-out and random: there is no stretch of time to stream. */
  prequential: Schema.NullOr(PrequentialReport),
});
export type Report = typeof Report.Type;
