/** ModelTables: the name and the columns of every Delta table of a model; see `TableSchemas.ts`. */
import type { Field } from "./Columns.ts";
import type { TableDefinition } from "./TableSchemas.ts";

const required = (name: string, type: Field["type"]): Field => ({ name, type, nullable: false });

const factorSchema = [required("id", "integer"), required("features", "array<float>")];

const vectors =
  (name: string) =>
  (model: string): TableDefinition => ({
    name: `models/${model}/${name}`,
    schema: factorSchema,
  });

export const userFactors = vectors("user_factors");
export const itemFactors = vectors("item_factors");

/** Listed items without interactions, and where they lie by what they are; see models/NewItems.ts. */
export const newItems = vectors("new_items");

/** What was learnt of where items lie by what they are (domain/AttributeMap.ts): a row per feature, in the map's order. */
export const attributeMap = (model: string): TableDefinition => ({
  name: `models/${model}/attribute_map`,
  schema: [required("feature", "string"), required("weights", "array<float>")],
});

/** The best followers of every item that has any (domain/Followers.ts), sorted by item_idx, then best first. */
export const itemFollowers = (model: string): TableDefinition => ({
  name: `models/${model}/followers`,
  schema: [
    required("item_idx", "integer"),
    required("follower_idx", "integer"),
    /** In millionths, as is `total`: of all the item's followers, those too that are not kept. */
    required("count", "long"),
    required("total", "long"),
  ],
});

/** What the events of every item weigh by the half-lives of learning/TrendLadder.ts as of the newest; see models/ItemPopularity.ts. */
export const itemTrends = vectors("item_trends");

/** Every item's decaying share of all events, sorted by item_idx; see models/ItemPopularity.ts. */
export const itemPopularity = (model: string): TableDefinition => ({
  name: `models/${model}/item_popularity`,
  schema: [required("item_idx", "integer"), required("share", "double")],
});
