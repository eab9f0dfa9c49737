/** MapSchema: the map of a model's items as the API's document says it: columns of equal length, a place in them for each item. */
import { Schema } from "effect";

const Place = Schema.Int.annotations({ description: "From 0 to 65535." });

const drawn = {
  model: Schema.String,
  drawn_at: Schema.String.annotations({
    description:
      "ISO 8601, in UTC. Colours and points that were drawn at one time have the same items at the same places.",
  }),
};

const aboutExplained = "The share of all differences that lies along x, and along y.";

export const MapPoints = Schema.Struct({
  ...drawn,
  items: Schema.Int.annotations({
    description: "Items with a vector; where there are more than points, of every nth.",
  }),
  explained: Schema.Tuple(Schema.Number, Schema.Number).annotations({
    description: aboutExplained,
    // Generators of clients know no tuples.
    jsonSchema: { type: "array", items: { type: "number" }, minItems: 2, maxItems: 2, description: aboutExplained },
  }),
  x: Schema.Array(Place),
  y: Schema.Array(Place).annotations({ description: "In the same measure as x: distances are true in both." }),
  item_ids: Schema.Array(Schema.String),
  names: Schema.Array(Schema.String).annotations({ description: "Each once." }),
  name_codes: Schema.Array(Schema.Int).annotations({ description: "By point, a place in names." }),
  not_for_sale: Schema.Array(Schema.Int).annotations({ description: "Points of items that are not recommended now." }),
  attributes: Schema.Array(
    Schema.Struct({ name: Schema.String, kind: Schema.Literal("text", "number", "boolean"), items: Schema.Int }),
  ).annotations({ description: "What may be asked for as attribute: the most common first." }),
}).annotations({ identifier: "MapPoints" });
export type MapPoints = typeof MapPoints.Type;

export const MapColours = Schema.Struct({
  ...drawn,
  attribute: Schema.String,
  ordered: Schema.Boolean.annotations({ description: "Whether the values are ranges of numbers, the smallest first." }),
  values: Schema.Array(Schema.String).annotations({ description: "Else the most common values, those first." }),
  counts: Schema.Array(Schema.Int).annotations({ description: "By value, how many points have it." }),
  others: Schema.Int.annotations({ description: "Points with another value." }),
  codes: Schema.Array(Schema.Int).annotations({
    description: "By point: 0, no such attribute; from 1, a place in values; one more than there are, another value.",
  }),
}).annotations({ identifier: "MapColours" });
export type MapColours = typeof MapColours.Type;
