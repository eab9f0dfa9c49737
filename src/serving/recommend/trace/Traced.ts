/** Traced: what POST /trace says. Every member is JSON as it stands. */
import { Schema } from "effect";
import { Answer, Metadata } from "../Answer.ts";
import { refusals } from "./Refusal.ts";
import { stages } from "./Watch.ts";
import { givers, outcomes } from "./Ways.ts";

/** Items that are told of at most. */
export const mostTraced = 500;

const Count = Schema.Int.pipe(Schema.nonNegative());
const Place = Schema.NullOr(Schema.Int.pipe(Schema.positive()));
const Micros = Count.annotations({ description: "Microseconds." });
const because = Schema.Literal(...refusals);

const Parts = Schema.Struct({
  followers: Schema.Number.annotations({ description: "Because it often follows what they had to do with." }),
  taste: Schema.Number.annotations({ description: "Because it is like that." }),
  trending: Schema.Number.annotations({ description: "Because it is popular." }),
  shown: Schema.Number.annotations({
    description: "At most 0: because it was shown, and nothing was done to it since.",
  }),
}).annotations({ identifier: "Parts", description: "What the score adds up from." });

const Places = Schema.Struct({
  score: Place.annotations({ description: "By score, among all that were scored." }),
  rotation: Place.annotations({ description: "Of those that score enough, after what was shown sank." }),
  order: Place.annotations({ description: "By diversity, where it was asked for." }),
  select: Place.annotations({ description: "In the list, before new items took places." }),
  answer: Place.annotations({ description: "In the answer." }),
}).annotations({ identifier: "Places", description: "From 1 on; null where it is not in that order." });

export const TracedItem = Schema.Struct({
  item_idx: Schema.Int,
  metadata: Schema.NullOr(Metadata),
  given: Schema.Array(
    Schema.Struct({
      source: Schema.Literal(...givers),
      place: Place.annotations({
        description: "Among what the source gave, best first; null where it would have given it but for the gate.",
      }),
      score: Schema.NullOr(Schema.Number).annotations({ description: "By which the source ranks." }),
    }),
  ).annotations({
    description:
      "By which sources. trending_fill and catalogue_fill fill the list up where the shopper's own are too few; new: tried in a place of its own (EXPLORE_SHARE).",
  }),
  outcome: Schema.Literal(...outcomes).annotations({
    description:
      "answered; refused, by the gate; below_min_score; held_back, since the list had as many variants of the product as may be; made_room for a new item; left_over, since others came before.",
  }),
  because: Schema.Array(because).annotations({
    description:
      "Why the gate refuses it: hidden by the shopper; bought, seen or shown, as `seen` says; given on a page before; excluded by its id; removed, unavailable, or not_valid at this time; not as the filters ask; unknown to the model; changed meanwhile.",
  }),
  score: Schema.NullOr(Schema.Number).annotations({
    description: "As it counts in the end, or would but for the gate; of one kind within a source alone.",
  }),
  parts: Schema.NullOr(Parts).annotations({ description: "Where LEARNER=blend, of what it scored." }),
  places: Places,
}).annotations({ identifier: "TracedItem" });
export type TracedItem = typeof TracedItem.Type;

const { next_page: _, recommendation_id: __, ...told } = Answer.fields;

export const Traced = Schema.Struct({
  ...told,
  micros: Micros.annotations({ description: "All of it, in microseconds; what is told here besides is not in it." }),
  shopper: Schema.Struct({
    interactions: Count.annotations({ description: "That are kept, those of the context among them." }),
    bought: Count,
    hidden: Count,
    shown: Count.annotations({ description: "Items that were shown lately and nothing was done to since." }),
    has_taste: Schema.Boolean.annotations({ description: "Whether the item index was asked by it." }),
  }).annotations({ description: "What is known of who asks." }),
  catalogue: Schema.Struct({
    items: Count,
    for_sale: Count,
    matching: Count.annotations({ description: "For sale, and as the filters ask." }),
    left_out: Count.annotations({ description: "Of those, left out for this shopper and this request." }),
  }).annotations({ description: "What the gate says of the whole catalogue." }),
  stages: Schema.Array(
    Schema.Struct({
      stage: Schema.Literal(...stages),
      micros: Micros,
      items: Count.annotations({ description: "That are left behind it, or that it gave." }),
    }),
  ).annotations({
    description:
      "As they were run. query: who asks is read, and what may be answered is known; taste: the item index; popular: what trends, and what follows what, is read; followers: of what the shopper did; score; rotation, and min_score; order: diversity; select: the last look of the gate, variants, and filling up; explore: places for new items; words.",
  }),
  sources: Schema.Array(
    Schema.Struct({ source: Schema.Literal(...givers), gave: Count, refused: Count, answered: Count }),
  ).annotations({ description: "What each gave, and what the gate kept from it; an item may be given by several." }),
  removed: Schema.Array(Schema.Struct({ because, items: Count })).annotations({
    description: "Of what the sources gave or would have given, what the gate took out, by the first reason.",
  }),
  items: Schema.Array(TracedItem).annotations({
    description: `Each item's way: the answer's first, in its order, then by score; at most ${mostTraced}.`,
  }),
  items_left_out: Count.annotations({ description: "Of the items, those that are not told of." }),
}).annotations({ identifier: "Trace", description: "One recommendation, stage by stage." });
export type Traced = typeof Traced.Type;
