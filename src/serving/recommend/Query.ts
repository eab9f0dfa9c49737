/** Query: what is asked for: by whom, how many, what may be in the answer. */
import type { LogPositions } from "../Token.ts";

export interface Filters {
  readonly productGroup?: string | undefined;
  readonly productType?: string | undefined;
  /** Article ids or, where no id of the shop is a whole number, item indices. Unknown ones exclude nothing. */
  readonly excludeIds: ReadonlyArray<string>;
  readonly excludeGroups: ReadonlyArray<string>;
  readonly excludeTypes: ReadonlyArray<string>;
}

export const noFilters: Filters = { excludeIds: [], excludeGroups: [], excludeTypes: [] };

export interface RecommendQuery extends Filters {
  /** The shop's own id or, where no customer's id is one, a whole number: the internal index. */
  readonly user: string;
  /** 1 to 50. */
  readonly k: number;
  /** What the user has had to do with, to be left out; by default what was bought. */
  readonly seen?: "bought" | "none" | undefined;
  /** Events that the answer should know of. */
  readonly after?: LogPositions | undefined;
}
