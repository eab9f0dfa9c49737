/** Means: by what an answer is made: for one who asks alone, or shared by many who are answered at once. */
import type { ServedMetadata } from "../Metadata.ts";
import type { Serving } from "../ServingModel.ts";
import type { conditionOf } from "./Eligibility.ts";
import type { Observer } from "./Observer.ts";
import type { SharedService } from "./Shared.ts";

export interface Means {
  readonly find: SharedService["find"];
  readonly conditionOf: typeof conditionOf;
  /** How the item of a row is worded. */
  readonly metadata: (serving: Serving, row: number) => ServedMetadata;
  /** Whether it is told how to go on. */
  readonly isPaged: boolean;
  /** Absent on all ways but `Trace.ts`. */
  readonly observer?: Observer | undefined;
}
