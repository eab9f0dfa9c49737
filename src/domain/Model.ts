/** Model: one trained version, from its parameters to where it stands in its life. */
import { Schema } from "effect";
import { defaultEventTypes, EventType, type EventTypes, eventTypesOf } from "./EventTypes.ts";
import { Learning } from "./Learning.ts";

export const ModelParameters = Schema.Struct({
  rank: Schema.Int,
  regularization: Schema.Number,
  alpha: Schema.Number,
  /** ν of `ports/Trainer.ts`, which says what these two do. Absent, as in models of before: 0. */
  regularizationExponent: Schema.optional(Schema.Number),
  /** β. Absent: 0. */
  unobservedExponent: Schema.optional(Schema.Number),
  iterations: Schema.Int,
  seed: Schema.Int,
});
export type ModelParameters = typeof ModelParameters.Type;

/** How a query and an item's vector make a score: their inner product, or the query's with the item's vector at length 1. */
export const Metric = Schema.Literal("dot", "cosine");
export type Metric = typeof Metric.Type;

/** What a model is made and served by. */
export const Recipe = Schema.Struct({ parameters: ModelParameters, learning: Learning, metric: Metric });
export type Recipe = typeof Recipe.Type;

/** What tuned settings were worth on days that the search for them had not looked at. */
export const Evidence = Schema.Struct({
  /** Length of the lists that were judged. */
  cutoff: Schema.Int,
  /** NDCG at the cutoff, over the events of the untouched days. */
  defaultNdcg: Schema.Number,
  tunedNdcg: Schema.Number,
  /** Tuned less default at the same events: mean, and half the width of its 95 % interval over shoppers. */
  gain: Schema.Struct({ mean: Schema.Number, margin: Schema.Number }),
  events: Schema.Int,
  shoppers: Schema.Int,
  /** The untouched part: its first and last event, unix seconds. */
  from: Schema.Number,
  to: Schema.Number,
  /** Those that were looked at in all. */
  interactions: Schema.Int,
  /** How many there were, where those of a sample of shoppers were looked at alone. */
  sampledFrom: Schema.optional(Schema.Int),
  /** Where there was no time to rank for all who could be: for how many it was, drawn by the seed, and of how many. */
  drawn: Schema.optional(Schema.Struct({ shoppers: Schema.Int, of: Schema.Int })),
  /** Which winner of a search it is that was tried on the untouched part, from 1: the interval is the wider for it. Absent: 1. */
  look: Schema.optional(Schema.Int),
  /** Settings that were tried. */
  trials: Schema.Int,
  /** What it was compared with. */
  defaults: Recipe,
  /** Of a model: what it was given otherwise than was measured, each as `ALS_RANK=32, where 64 is given`. */
  besides: Schema.optional(Schema.Array(Schema.String)),
});
export type Evidence = typeof Evidence.Type;

/** Why a setting has its value: somebody gave it, `tune` found it better than the default, or it is the default. */
export const Reason = Schema.Literal("given", "tuned", "default");
export type Reason = typeof Reason.Type;

/** What the model was trained on: table versions, by which types, and per partition the first event that was NOT in it. */
export const TrainingSnapshot = Schema.Struct({
  tables: Schema.Record({ key: Schema.String, value: Schema.Int }),
  /** `IDENTITY/PARTITION` of a log (version 0.1: `PARTITION`) to next offset. A partition that is absent starts at 0. */
  offsets: Schema.Record({ key: Schema.String, value: Schema.String }),
  /** The types of events, in order of the codes that the tables have. Absent in snapshots of before: the default ones. */
  eventTypes: Schema.optional(Schema.Array(EventType)),
});
export type TrainingSnapshot = typeof TrainingSnapshot.Type;

/**
 * The plane on which items are drawn as a map (`kernels/Plane.ts`): the middle of the directions of their vectors, two axes of length
 * rank, and the share of the variance along each.
 */
export const ItemPlane = Schema.Struct({
  mean: Schema.Array(Schema.Number),
  axes: Schema.Tuple(Schema.Array(Schema.Number), Schema.Array(Schema.Number)),
  explained: Schema.Tuple(Schema.Number, Schema.Number),
});
export type ItemPlane = typeof ItemPlane.Type;

/**
 * trained: factors are written, stores are not loaded. live: loaded, its updater keeps it up to date, may serve.
 * retired: no longer kept up to date; `use` makes it live again, from its own positions on.
 */
export const ModelStatus = Schema.Literal("trained", "live", "retired");
export type ModelStatus = typeof ModelStatus.Type;

export const Model = Schema.Struct({
  /** Sortable by age, e.g. `20260921T101530-3f9a`. */
  id: Schema.String,
  createdAt: Schema.String,
  parameters: ModelParameters,
  /** By which its items are searched, fixed when it is loaded. Absent: dot. */
  metric: Schema.optional(Metric),
  /** By which every role learns and ranks where nothing else is given. Absent in models of before. */
  learning: Schema.optional(Learning),
  /** Why it has the settings it has, by their names in the environment. */
  reasons: Schema.optional(Schema.Record({ key: Schema.String, value: Reason })),
  /** Where some are tuned. */
  evidence: Schema.optional(Evidence),
  /** Loss per iteration and whatever `evaluate` adds. */
  metrics: Schema.Record({ key: Schema.String, value: Schema.Union(Schema.Number, Schema.Array(Schema.Number)) }),
  snapshot: TrainingSnapshot,
  users: Schema.Int,
  items: Schema.Int,
  /** Of the decay of its items' popularity. Absent in models of before, which know none. */
  halfLifeSeconds: Schema.optional(Schema.Number),
  /**
   * What all events that it was trained on weigh together, each halved every half-life, as of the newest's time, in unix seconds
   * (`learning/Popularity.ts`). Absent in models of before, whose popularity the stream cannot go on from.
   */
  popularityTotal: Schema.optional(Schema.Number),
  popularityAsOf: Schema.optional(Schema.Number),
  /** Absent in models of before, of whose vectors it is made when it is asked for; and where no item has a vector. */
  plane: Schema.optional(ItemPlane),
  /** Users and items with a rating, and events of the raw tables. Absent in models of before, which do not tell. */
  learntFrom: Schema.optional(Schema.Struct({ users: Schema.Int, items: Schema.Int, events: Schema.Int })),
  /**
   * Whether some customer's id, or item's, is a whole number: then a number in a path or a list is never an index. Absent
   * in models of version 0.1.0, which did not look: there it may be.
   */
  numericUserIds: Schema.optional(Schema.Boolean),
  numericItemIds: Schema.optional(Schema.Boolean),
  status: ModelStatus,
  /** Whether it ever served: a model that never did was refused, or its batch was cut short. Absent in older models. */
  served: Schema.optional(Schema.Boolean),
});
export type Model = typeof Model.Type;

/** The types of events that a snapshot's tables, and a model that is trained on them, go by. */
export const trainedTypes = ({ eventTypes }: Pick<TrainingSnapshot, "eventTypes">): EventTypes =>
  eventTypes === undefined ? defaultEventTypes : eventTypesOf(eventTypes);

export const offsetKey = (identity: string, partition: number): string =>
  identity === "" ? String(partition) : `${identity}/${partition}`;

/** Per partition of a log, the first event that was not in the training data; and those of version 0.1, of no named log. */
export const snapshotOffsets = ({ snapshot: { offsets } }: Model, identity: string) => {
  const of = (log: string) =>
    new Map(
      Object.entries(offsets).flatMap(([key, next]): ReadonlyArray<[number, bigint]> => {
        const slash = key.lastIndexOf("/");
        return key.slice(0, Math.max(0, slash)) === log ? [[Number(key.slice(slash + 1)), BigInt(next)]] : [];
      }),
    );
  return { named: of(identity), unnamed: of("") };
};
