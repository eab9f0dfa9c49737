/** Params: the parameters of a request for recommendations, as text in a query and as what they mean. */
import { Schema } from "effect";
import { maxLength } from "../catalogue/filter/Parser.ts";
import { longestPage, PageWord } from "../serving/recommend/Page.ts";
import {
  defaultExplained,
  defaultK,
  explained,
  maxExplained,
  maxK,
  maxSeed,
  type RecommendQuery,
  seenPolicies,
} from "../serving/recommend/Query.ts";
import { aboutMinScore, aboutPage, aboutRotation, aboutSeen, oneOfSeen } from "../serving/recommend/Words.ts";
import { Token } from "../serving/Token.ts";

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true });

const says = (wanted: string) => ({ message: () => ({ message: `send ${wanted}`, override: true }) });

const aboutK = "How many items at most.";

// One number has one spelling: no sign, no leading zero, nothing that only JavaScript takes for a number.
export const K = Schema.String.pipe(
  Schema.pattern(/^[1-9]\d*$/),
  Schema.compose(Schema.NumberFromString),
  Schema.between(1, maxK),
).annotations({
  ...says(`a whole number from 1 to ${maxK}`),
  description: aboutK,
  jsonSchema: { type: "integer", minimum: 1, maximum: maxK, default: defaultK, description: aboutK },
});

const names = (what: string) => {
  const description = `${what} Given more than once: of any of these.`;
  return Schema.Array(Schema.String).annotations({
    description,
    jsonSchema: { type: "array", items: { type: "string" }, description },
  });
};

/** Examples are in the description: a shop's attributes are its own. */
const aboutFilter = `Only items of which this is true, in the filter language of AIP-160 (https://google.aip.dev/160), on the attributes that items have: \`colour = "Black" AND price < 30 AND NOT tags:sale\`. At most ${maxLength} characters. \`=\`, \`!=\`, \`<\`, \`<=\`, \`>\`, \`>=\` compare texts, numbers, true and false (\`=\` and \`!=\`) and times in RFC 3339; \`name:*\`: the item has it; \`tags:sale\`: in the list, or that text itself; a star at either end of a text stands for any text: \`title = "*shoe*"\`; OR binds tighter than AND, and conditions side by side are all meant. What an item lacks makes every comparison false, and NOT of it true. Names with spaces stand in quotation marks: \`"product group" = (Shoes OR Boots)\`.`;
const filter = Schema.String.annotations({
  ...says("one filter"),
  description: aboutFilter,
  jsonSchema: { type: "string", maxLength, description: aboutFilter },
});

/** A parameter of values that are names or ids; what they are: `listed`. */
export const list = (what: string) => {
  const description = `${what} Given once: a list with commas between its entries. Given more than once: each is one whole value, commas and all, and an empty one is none; so to name a single value that has a comma, give the parameter a second time, empty.`;
  return Schema.Array(Schema.String).annotations({
    description,
    jsonSchema: { type: "array", items: { type: "string" }, description },
  });
};

const seen = Schema.Literal(...seenPolicies).annotations({
  ...says(oneOfSeen),
  description: aboutSeen,
  jsonSchema: { type: "string", enum: seenPolicies, default: "bought", description: aboutSeen },
});

const minScore = Schema.String.pipe(
  Schema.pattern(/^-?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d{1,3})?$/i),
  Schema.compose(Schema.NumberFromString),
  Schema.finite(),
).annotations({
  ...says("a number, such as 0.05"),
  description: aboutMinScore,
  jsonSchema: { type: "number", description: aboutMinScore },
});

const page = PageWord.annotations({
  ...says("the next_page of an answer, as it was given; leave it out to begin anew"),
  description: aboutPage,
  jsonSchema: { type: "string", maxLength: longestPage, description: aboutPage },
});

const aboutDiversity =
  "From 1, which orders the personalized items by score alone, down to 0, which takes what is least like those before it.";
const share = (description: string) =>
  Schema.String.pipe(
    Schema.pattern(/^(?:0|1|[01]?\.\d+)$/),
    Schema.compose(Schema.NumberFromString),
    Schema.between(0, 1),
  ).annotations({
    ...says("a number from 0 to 1"),
    description,
    jsonSchema: { type: "number", minimum: 0, maximum: 1, description },
  });
const diversity = share(aboutDiversity);
const rotation = share(aboutRotation);

const aboutVariants =
  "The most items of one product, which is a name and a type, ignoring case: further ones come when nothing else is left. 0: no limit. By default MAX_VARIANTS.";
const variants = Schema.String.pipe(
  Schema.pattern(/^(?:0|[1-9]\d*)$/),
  Schema.compose(Schema.NumberFromString),
  Schema.between(0, maxK),
).annotations({
  ...says(`a whole number from 0 to ${maxK}`),
  description: aboutVariants,
  jsonSchema: { type: "integer", minimum: 0, maximum: maxK, description: aboutVariants },
});

const aboutExplain =
  "Whether to say why the first items are in the answer, where LEARNER=blend: parts that add up to the score.";
const explain = Schema.Literal("true", "false")
  .pipe(
    Schema.transform(Schema.Boolean, { decode: (text) => text === "true", encode: (is) => (is ? "true" : "false") }),
  )
  .annotations({
    ...says("true or false"),
    description: aboutExplain,
    jsonSchema: { type: "boolean", default: false, description: aboutExplain },
  });

const aboutExplained = "How many items are explained, from the first, with explain=true.";
const explainTopK = K.pipe(Schema.filter((most) => most <= maxExplained)).annotations({
  ...says(`a whole number from 1 to ${maxExplained}`),
  description: aboutExplained,
  jsonSchema: {
    type: "integer",
    minimum: 1,
    maximum: maxExplained,
    default: defaultExplained,
    description: aboutExplained,
  },
});

const aboutSeed =
  "By which new items, and their places in the answer, are drawn (EXPLORE_SHARE); by default by the user and what they did last.";
const seed = Schema.String.pipe(
  Schema.pattern(/^(?:0|[1-9]\d{0,9})$/),
  Schema.compose(Schema.NumberFromString),
  Schema.between(0, maxSeed),
).annotations({
  ...says(`a whole number from 0 to ${maxSeed}`),
  description: aboutSeed,
  jsonSchema: { type: "integer", minimum: 0, maximum: maxSeed, description: aboutSeed },
});

const after = Token.annotations({
  ...says("the token of an answer of POST /events, as it was given"),
  description: "Token of POST /events: the answer waits, at most WAIT_AFTER, until those events are applied.",
  jsonSchema: { type: "string", description: "Token of POST /events: waits, at most WAIT_AFTER, until it is applied." },
});

export const RecommendParams = Schema.Struct({
  k: optional(K),
  filter: optional(filter),
  product_group: optional(names("Only items of this product_group_name.")),
  product_type: optional(names("Only items of this product_type_name.")),
  exclude_ids: optional(list("Article ids, or item indices where no article id is a whole number, to leave out.")),
  exclude_groups: optional(list("Values of product_group_name to leave out.")),
  exclude_types: optional(list("Values of product_type_name to leave out.")),
  seen: optional(seen),
  min_score: optional(minScore),
  rotation: optional(rotation),
  diversity_lambda: optional(diversity),
  variants: optional(variants),
  explain: optional(explain),
  explain_top_k: optional(explainTopK),
  seed: optional(seed),
  after: optional(after),
  page: optional(page),
}).annotations({ parseOptions: { errors: "all" } });

/** Undefined where there is none: then any will do. */
const named = (values: ReadonlyArray<string> = []): ReadonlyArray<string> | undefined => {
  const given = values.filter((value) => value !== "");
  return given.length === 0 ? undefined : given;
};

/** The values of such a parameter, none of them empty. */
export const listed = (values: ReadonlyArray<string> = []): ReadonlyArray<string> =>
  (values.length === 1 ? values[0].split(",").map((entry) => entry.trim()) : values).filter((entry) => entry !== "");

export const queryOf = (user: string | null, params: typeof RecommendParams.Type): RecommendQuery => ({
  user,
  k: params.k ?? defaultK,
  after: params.after,
  filter: params.filter,
  productGroup: named(params.product_group),
  productType: named(params.product_type),
  excludeIds: listed(params.exclude_ids),
  excludeGroups: listed(params.exclude_groups),
  excludeTypes: listed(params.exclude_types),
  seen: params.seen,
  minScore: params.min_score,
  page: params.page,
  rotation: params.rotation,
  diversity: params.diversity_lambda,
  variants: params.variants,
  explain: explained(params.explain, params.explain_top_k),
  seed: params.seed,
});
