/** Described: what is told of a model, to whoever asks: of each in a list, and of one in full. */
import { Effect, Option, Schema } from "effect";
import type { Setting } from "../config/Setting.ts";
import { type Model, ModelStatus, Reason, trainedTypes } from "../domain/Model.ts";
import { learning } from "../learning/Settings.ts";
import { ModelRegistry, type RegistryState } from "../ports/ModelRegistry.ts";
import { training } from "../training/Settings.ts";
import { evidenceSentence, Worth, worthOf } from "./Evidence.ts";
import { heldModel } from "./Shrinkage.ts";
import { lagOf } from "./Use.ts";

const Count = Schema.Int;

const summary = {
  id: Schema.String.annotations({ examples: ["20261126T031500-3f9a"] }),
  status: ModelStatus.annotations({
    description:
      "trained: made, and in no store yet. live: kept up to date, so that it can serve at once. retired: no longer; using it catches it up.",
  }),
  serves: Schema.Boolean,
  created_at: Schema.String.annotations({ description: "ISO 8601, in UTC." }),
  rank: Count,
  users: Count,
  items: Count,
  loss: Schema.NullOr(Schema.Number).annotations({ description: "Of the last iteration of its training." }),
  behind_by: Schema.NullOr(Schema.Int).annotations({
    description: "Events that it has yet to apply; null where it is not live, or stands beyond the log's end.",
  }),
  beyond_log: Schema.Boolean.annotations({
    description: "Whether it has applied more than the event log has: acknowledged events are gone.",
  }),
  waits: Schema.NullOr(Schema.String).annotations({
    description: "Why it waits for a person's word before it serves; null where it does not.",
  }),
};

export const ModelSummary = Schema.Struct(summary).annotations({ identifier: "ModelSummary" });
export type ModelSummary = typeof ModelSummary.Type;

const details = {
  learnt_from: Schema.NullOr(Schema.Struct({ users: Count, items: Count, events: Count })).annotations({
    description: "Null for a model of an earlier version, which did not count.",
  }),
  event_types: Schema.Array(Schema.String),
  tables: Schema.Record({ key: Schema.String, value: Schema.Int }).annotations({
    description: "The tables that it was trained on, and the version of each.",
  }),
  settings: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      value: Schema.String,
      why: Schema.NullOr(Reason).annotations({ description: "Null for a model of an earlier version." }),
    }),
  ),
  losses: Schema.Array(Schema.Number).annotations({ description: "By iteration of its training." }),
  popularity_half_life_seconds: Schema.NullOr(Schema.Number),
  evidence: Schema.NullOr(Schema.String).annotations({ description: "What tuned settings were worth." }),
  worth: Schema.NullOr(Worth).annotations({ description: "The same in numbers; null where none are tuned." }),
};

export const ModelDetails = Schema.Struct({ ...summary, ...details });
export type ModelDetails = typeof ModelDetails.Type;

const lossesOf = ({ metrics: { loss } }: Model): ReadonlyArray<number> =>
  typeof loss === "number" ? [loss] : (loss ?? []);

/** What the model was made and is served by, as it is called in the environment. */
export const settingsOf = ({ learning: own, metric = "dot", parameters }: Model) => {
  const rows: ReadonlyArray<readonly [Setting<unknown>, string | number]> = [
    [training.rank, parameters.rank],
    [training.regularization, parameters.regularization],
    [training.alpha, parameters.alpha],
    [training.regularizationExponent, parameters.regularizationExponent ?? 0],
    [training.unobservedExponent, parameters.unobservedExponent ?? 0],
    [training.iterations, parameters.iterations],
    [training.seed, parameters.seed],
    [training.metric, metric],
  ];
  if (own === undefined) return rows;
  const { blend, decay, learner, rate } = own;
  const learnt: typeof rows = [
    [learning.learner, learner],
    ...(learner === "ema" ? ([[learning.rate, rate]] as const) : []),
    ...(learner === "fold-in" ? ([[learning.decay, decay]] as const) : []),
    ...(learner === "blend"
      ? ([
          [learning.blendDecay, blend.decay],
          [learning.blendTaste, blend.taste],
          [learning.blendPopularity, blend.popularity],
        ] as const)
      : []),
  ];
  return [...rows, ...learnt];
};

const lagIfLive = (model: Model) =>
  model.status !== "live"
    ? Effect.succeed({ behind_by: null, beyond_log: false })
    : lagOf(model).pipe(
        Effect.map((lag) => ({ behind_by: Number(lag), beyond_log: false })),
        Effect.catchIf(
          (error) => error._tag === "EventLogError" && error.reason === "Corrupt",
          () => Effect.succeed({ behind_by: null, beyond_log: true }),
        ),
      );

const summarize = (model: Model, state: RegistryState) =>
  Effect.map(lagIfLive(model), (lag): ModelSummary => {
    const { serving } = state;
    const held = heldModel(state);
    const { createdAt, id, items, parameters, status, users } = model;
    return {
      ...{ id, status, serves: Option.contains(serving, id), created_at: createdAt },
      ...{ rank: parameters.rank, users, items, loss: lossesOf(model).at(-1) ?? null, ...lag },
      waits: held?.id === id ? held.detail : null,
    };
  });

/** Oldest first. */
export const modelSummaries = Effect.gen(function* () {
  const state = yield* Effect.flatMap(ModelRegistry, (registry) => registry.state);
  return yield* Effect.forEach(state.models, (model) => summarize(model, state));
});

export const modelDetailsOf = (model: Model, state: RegistryState) =>
  Effect.map(summarize(model, state), (found): ModelDetails => {
    const { evidence, halfLifeSeconds, learntFrom, reasons, snapshot } = model;
    return {
      ...found,
      learnt_from: learntFrom ?? null,
      event_types: trainedTypes(snapshot).names,
      tables: snapshot.tables,
      settings: settingsOf(model).map(([{ env }, value]) => ({
        name: env,
        value: String(value),
        why: reasons?.[env] ?? null,
      })),
      losses: lossesOf(model),
      popularity_half_life_seconds: halfLifeSeconds ?? null,
      evidence: evidence === undefined ? null : evidenceSentence(evidence),
      worth: evidence === undefined ? null : worthOf(evidence),
    };
  });
