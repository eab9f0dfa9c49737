/**
 * Messages: what is said between the process that was asked for a batch and those that answer parts of it.
 *
 * An answer of another process is as strict as one of this. What an answer depends on, and why it is as good there:
 *
 * - The model: a part is answered by the model that it names, or refused.
 * - The catalogue: `change` is the newest change of any item that this process knew when it sent the part, those among it that were
 *   made through it a moment ago. Who does not know all changes up to that one refuses, so nothing is in a list that was taken away,
 *   withheld or changed, by anybody whom this process knew of, when the batch came. What filters and left-out ids mean follows from the same
 *   items. Where a store has lost changes, and its numbers begin anew, all processes are ended (`Beside.ts`).
 * - Shoppers: their states are read from the store after the part was sent, so they are at least as new as what this process would
 *   have read: what was bought or hidden is left out, whoever was forgotten is unknown, and with `after`, for which this process
 *   waited, those events are in them. A part during which a state could not be read is refused.
 * - What trends and what follows what: every process asks the stores for it once a second; while one is away, parts are refused.
 * - Time: validity is judged by the clock of the same machine, later than the batch came. Rotation and the draw of new items go by
 *   settings, which all have from this process, by the shopper's state and by the seed of the query, or of who asks.
 *
 * Rows of items that were put up since the model was made may stand in another order, as in any two processes with an API, so that
 * those among them that score alike may, too. Ids of answers differ as those of any two do, and tell the same.
 */
import type { RecommendQuery } from "../recommend/Query.ts";
import type { Counted } from "./Counted.ts";

/** What stands between the answers of a part that came as one JSON document, each without its outer braces. */
export const between = "},{";

/** Lists of several users, who all ask the same but for k. */
export interface Ask {
  readonly id: number;
  readonly model: string;
  readonly change: number;
  readonly query: RecommendQuery;
  readonly users: ReadonlyArray<string>;
  readonly ks: ReadonlyArray<number>;
  /** The numbers of the lines that they stand in; undefined: they came as one JSON document. */
  readonly lines: ReadonlyArray<number> | undefined;
  readonly isWorded: boolean;
}

export type Said =
  /** Its catalogue and a model are in memory. */
  | { readonly _tag: "Ready" }
  /** JSON in UTF-8: lines or, where there are none, what `between` says. What would have been counted is counted by who asked. */
  | { readonly _tag: "Answered"; readonly id: number; readonly text: Uint8Array; readonly counted: Counted }
  | { readonly _tag: "Refused"; readonly id: number; readonly why: string };
