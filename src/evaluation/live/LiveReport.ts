/** LiveReport: what recommendations sold, as it is printed, drawn and written as JSON. Times are unix seconds. */
import { Schema } from "effect";

/** A share with its 95 % interval (`Rates.ts`). */
export const Rate = Schema.Struct({
  hits: Schema.Int,
  of: Schema.Int,
  shoppers: Schema.Int,
  rate: Schema.Number,
  low: Schema.Number,
  high: Schema.Number,
});

export const Difference = Schema.Struct({ difference: Schema.Number, low: Schema.Number, high: Schema.Number });

/** What came of recommendations of one kind. */
export const Group = Schema.Struct({
  name: Schema.String,
  /** Events that name such a recommendation, each once. */
  clicks: Schema.Int,
  purchases: Schema.Int,
  /** Of the clicks: those that a purchase of the item by the same shopper followed. */
  conversion: Rate,
  /** Of the items that were shown: those that were clicked, and those that were bought. Null where nothing tells what was shown. */
  clickRate: Schema.NullOr(Rate),
  purchaseRate: Schema.NullOr(Rate),
});
export type Group = typeof Group.Type;

/** Two models by the same measure. */
export const Comparison = Schema.Struct({
  measure: Schema.Literal("clicks per item shown", "purchases per click"),
  /** The one that has more of it, as measured. */
  better: Schema.String,
  worse: Schema.String,
  difference: Difference,
  proven: Schema.Boolean,
});
export type Comparison = typeof Comparison.Type;

export const LiveReport = Schema.Struct({
  createdAt: Schema.String,
  /** The days that were asked for, and the events' first and last time. */
  days: Schema.Int,
  from: Schema.Number,
  to: Schema.Number,
  /** A purchase comes of the shopper's last click on the item within so many days. */
  conversionDays: Schema.Int,
  /** The types of events. */
  types: Schema.Struct({
    shown: Schema.Array(Schema.String),
    click: Schema.Array(Schema.String),
    purchase: Schema.Array(Schema.String),
  }),
  warnings: Schema.Array(Schema.String),
  all: Group,
  sources: Schema.Array(Group),
  positions: Schema.Array(Group),
  models: Schema.Array(Group),
  /** Of all clicks, and of all purchases: those that come of recommendations. */
  clickShare: Rate,
  purchaseShare: Rate,
  /** Of the clicks that come of none: those that a purchase followed; and how much more often one of a recommendation did. */
  otherConversion: Rate,
  conversionGain: Difference,
  comparisons: Schema.Array(Comparison),
});
export type LiveReport = typeof LiveReport.Type;
