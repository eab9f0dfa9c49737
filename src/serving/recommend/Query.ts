/** Query: what is asked for: by whom, how many, what may be in the answer. */
import type { ItemSet } from "../../domain/ItemSet.ts";
import type { LogPositions } from "../Token.ts";

export interface Filters {
  /** One of these names, as the shop wrote them. */
  readonly productGroup?: string | ReadonlyArray<string> | undefined;
  readonly productType?: string | ReadonlyArray<string> | undefined;
  /** Article ids or, where no id of the shop is a whole number, item indices. Unknown ones exclude nothing. */
  readonly excludeIds: ReadonlyArray<string>;
  readonly excludeGroups: ReadonlyArray<string>;
  readonly excludeTypes: ReadonlyArray<string>;
  /** A condition on any attributes, in AIP-160's grammar (`catalogue/filter/`). */
  readonly filter?: string | undefined;
}

/** How many items may be asked for, and are where nothing is said; and of how many it is told why they are there. */
export const maxK = 100;
export const defaultK = 10;
export const maxExplained = 50;
export const defaultExplained = 3;

/** Of how many items an answer says why they are in it. */
export const explained = (explain = false, most = defaultExplained): number => (explain ? most : 0);

export const maxSeed = 2 ** 32 - 1;

export const noFilters: Filters = { excludeIds: [], excludeGroups: [], excludeTypes: [] };

/**
 * bought: not given back since. seen: also what they did anything else to, as far as it is kept. shown: also what they were shown, as
 * far as that is. none: nothing.
 */
export const seenPolicies = ["bought", "seen", "shown", "none"] as const;
export type Seen = (typeof seenPolicies)[number];

/** One thing that was done in a visit. */
export interface ContextItem {
  /** The article id, or the internal index. */
  readonly item: string | number;
  /** The name of its type; undefined: the model's usual one of a visit. */
  readonly type?: string | undefined;
}

/** How far a list was given: `Page.ts` makes words of it. */
export interface Page {
  /** Of which list: `listOf` the query that it goes on with. */
  readonly list: number;
  /** Indices of the items given so far. */
  readonly given: ItemSet;
}

export interface RecommendQuery extends Filters {
  /** The shop's own id or, where no customer's id is one, a whole number: the internal index. Null: a visitor of whom nothing is stored. */
  readonly user: string | null;
  /** What they did in this visit, oldest first, as if it came behind all that is stored of them. */
  readonly context?: ReadonlyArray<ContextItem> | undefined;
  /** 1 to `maxK`. */
  readonly k: number;
  /** What the user has had to do with, to be left out; by default what was bought. */
  readonly seen?: Seen | undefined;
  /** Of an item that is in the answer; as the answer tells scores, each source's are of a kind. Undefined: any. */
  readonly minScore?: number | undefined;
  /** What was given already, and is not again. Undefined: nothing. */
  readonly page?: Page | undefined;
  /** Events that the answer should know of. */
  readonly after?: LogPositions | undefined;
  /** How much what was shown sinks: r of `Rotation.ts`; undefined: ROTATION. */
  readonly rotation?: number | undefined;
  /** λ of `Diversity.ts`; undefined: by score alone. */
  readonly diversity?: number | undefined;
  /** The most items of one product (`Variants.ts`); 0: no limit; undefined: MAX_VARIANTS. */
  readonly variants?: number | undefined;
  /** By which new items are drawn: a whole number below 2^32. Undefined: by who asks and what they did last. */
  readonly seed?: number | undefined;
  /** Of how many items, the best first, the answer says why they are in it. */
  readonly explain?: number | undefined;
}
