/** ListParams: the parameters of questions for lists that are about no shopper's taste: those of a recommendation that mean the same. */
import { Schema, Struct } from "effect";
import { key } from "../serving/EventInput.ts";
import type { ListQuery } from "../serving/lists/Lists.ts";
import { queryOf, RecommendParams } from "./Params.ts";

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true });

const aboutUser =
  "The shop's own id of a user or, where no customer's id is a whole number, the internal index: what they hid, and have had to do with as `seen` says, is left out.";
const user = key(256).annotations({ description: aboutUser });

const shared = {
  ...Struct.pick(
    RecommendParams.fields,
    "k",
    "filter",
    "product_group",
    "product_type",
    "exclude_ids",
    "exclude_groups",
    "exclude_types",
  ),
  user: optional(user),
  ...Struct.pick(RecommendParams.fields, "seen", "rotation", "min_score", "variants", "after"),
};

export const AroundParams = Schema.Struct(shared).annotations({ parseOptions: { errors: "all" } });

const hour = 3_600;
const shortest = 1;
const longest = 365 * 24;

const hoursOf = (text: string): number => Number(text.slice(0, -1)) * (text.endsWith("d") ? 24 : 1);

const wantedHalfLife = "hours or days, from 1h to 365d";
const aboutHalfLife =
  "What happened so long ago counts half: hours or days, from 1h to 365d, such as 36h; by default the model's own, which the answer tells (`model_half_life_seconds`). Sums are kept by half-lives of 1, 2, 4 … 16,384 hours, and one in between is mixed of its two neighbours, by the logarithm: an event counts by less than 0.018 more or less than by 2^(−age / half-life), one of now counting 1. Of a model that was loaded before there were such sums another one may be half to twice as long as its own, until the next batch; any other is refused (400).";
const halfLifePattern = /^[1-9]\d{0,3}[hd]$/;

const HalfLife = Schema.transform(
  Schema.String.pipe(
    Schema.pattern(halfLifePattern),
    Schema.filter((text) => hoursOf(text) >= shortest && hoursOf(text) <= longest),
  ),
  Schema.Struct({ seconds: Schema.Number, text: Schema.String }),
  { decode: (text) => ({ seconds: hour * hoursOf(text), text }), encode: ({ text }) => text },
).annotations({
  message: () => ({ message: `send ${wantedHalfLife}`, override: true }),
  description: aboutHalfLife,
  jsonSchema: {
    type: "string",
    pattern:
      "^(?:[1-9]\\d{0,2}|[1-7]\\d{3}|8[0-6]\\d\\d|87[0-5]\\d|8760)h$|^(?:[1-9]\\d?|[12]\\d\\d|3[0-5]\\d|36[0-5])d$",
    description: aboutHalfLife,
  },
});

export const TrendingParams = Schema.Struct({ half_life: optional(HalfLife), ...shared }).annotations({
  parseOptions: { errors: "all" },
});

export const listQueryOf = ({ user, ...params }: typeof AroundParams.Type): ListQuery => queryOf(user ?? null, params);
