/** Query: what a request for recommendations asks, of its declared parameters. */

import type { RecommendQuery } from "../serving/Recommend.ts";
import type { RecommendParams } from "./Api.ts";

const named = (value: string | undefined): string | undefined => (value === "" ? undefined : value);

/** Given once, a list with commas between its entries; given more than once, each is one whole value. */
const listed = (values: ReadonlyArray<string> = []): ReadonlyArray<string> =>
  (values.length === 1 ? values[0].split(",").map((entry) => entry.trim()) : values).filter((entry) => entry !== "");

export const queryOf = (user: string, params: typeof RecommendParams.Type): RecommendQuery => ({
  user,
  k: params.k ?? 10,
  after: params.after,
  productGroup: named(params.product_group),
  productType: named(params.product_type),
  excludeIds: listed(params.exclude_ids),
  excludeGroups: listed(params.exclude_groups),
  excludeTypes: listed(params.exclude_types),
  seen: params.seen,
});
