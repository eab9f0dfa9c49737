/** Measured: what is measured: a model of the train part of a log, on its test part, for some users. */
import type { Followers } from "../domain/Followers.ts";
import type { BatchPopularity } from "../learning/Trending.ts";
import type { InteractionLog } from "./InteractionLog.ts";
import type { EvaluateParameters } from "./Report.ts";
import type { Split } from "./Split.ts";
import type { Factors, TrainingSet } from "./TrainingSet.ts";

export interface Measured {
  readonly log: InteractionLog;
  readonly split: Split;
  readonly set: TrainingSet;
  readonly factors: Factors;
  /** Of the train part. */
  readonly followers: Followers;
  /** What a batch counted of popularity, by row; absent: the train part's events are counted. */
  readonly batchPopularity?: BatchPopularity;
  /** Test users that are scored; the others' events count for live popularity alone. */
  readonly users: ReadonlySet<number>;
  readonly parameters: EvaluateParameters;
}
