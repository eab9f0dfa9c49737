/** Summary: what an evaluation found of those that it compared, in a few numbers, and of which settings. */
import { Schema } from "effect";
import type { Model } from "../domain/Model.ts";
import type { Report } from "./Report.ts";

const Interval = Schema.Struct({
  mean: Schema.Number,
  margin: Schema.Number.annotations({ description: "Half the width of its 95 % interval over shoppers." }),
});

const Contestant = Schema.Struct({
  name: Schema.String.annotations({ examples: ["popularity"] }),
  serves: Schema.Boolean.annotations({ description: "Whether shoppers would be served by it, as it is set." }),
  ndcg: Interval,
  hit: Interval.annotations({
    description: "How often the item is in the list; offline: the share of a shopper's items that are.",
  }),
  gain: Schema.NullOr(Interval).annotations({
    description: "Its NDCG less that of the one that serves, at the same events; null offline.",
  }),
});

export const EvaluationSummary = Schema.Struct({
  created_at: Schema.String.annotations({ description: "ISO 8601, in UTC, as are all times." }),
  method: Schema.Literal("stream", "offline").annotations({
    description: "stream: each event was predicted before it was learnt from. offline: all of the test part at once.",
  }),
  cutoff: Schema.Int.annotations({ description: "Length of the lists." }),
  cases: Schema.Int.annotations({ description: "Events, or offline shoppers, that were judged." }),
  tested_from: Schema.String,
  tested_to: Schema.String,
  trained_on: Schema.Int.annotations({ description: "Interactions before those." }),
  contestants: Schema.Array(Contestant).annotations({ description: "Best first." }),
  warnings: Schema.Array(Schema.String).annotations({ description: "What makes the figures tell little." }),
}).annotations({ identifier: "EvaluationSummary", description: "What `evaluate` found, against baselines." });
export type EvaluationSummary = typeof EvaluationSummary.Type;

type Compared = typeof Contestant.Type;

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

const streamed = (report: Report): ReadonlyArray<Compared> | undefined =>
  report.prequential?.learners.map(({ gain, hit, hitMargin, name, ndcg, ndcgMargin, setting }) => ({
    ...{ name, serves: setting === report.parameters.learner, gain },
    ndcg: { mean: ndcg.at(-1) ?? 0, margin: ndcgMargin },
    hit: { mean: hit.at(-1) ?? 0, margin: hitMargin },
  }));

export const summaryOf = (report: Report): EvaluationSummary => {
  const { createdAt, data, offline, parameters, prequential, warnings } = report;
  const contestants: ReadonlyArray<Compared> =
    streamed(report) ??
    offline.rankers.map(({ name, ndcg, recall }) => ({ name, serves: false, ndcg, hit: recall, gain: null }));
  return {
    created_at: createdAt,
    method: prequential === null ? "offline" : "stream",
    cutoff: prequential?.cutoffs.at(-1) ?? parameters.k,
    cases: prequential?.events ?? offline.users,
    tested_from: iso(data.testFrom),
    tested_to: iso(data.to),
    trained_on: data.trainInteractions,
    contestants: contestants.toSorted((a, b) => b.ndcg.mean - a.ndcg.mean),
    warnings,
  };
};

/** Whether the report is of a model that is trained and learns as this one does. */
export const isOf = ({ parameters }: Report, model: Pick<Model, "parameters" | "learning">): boolean => {
  const [own, theirs] = [model.parameters, parameters.model].map(
    ({ regularizationExponent = 0, unobservedExponent = 0, ...others }) =>
      JSON.stringify(Object.entries({ ...others, regularizationExponent, unobservedExponent }).toSorted()),
  );
  return own === theirs && (model.learning === undefined || model.learning.learner === parameters.learner);
};
