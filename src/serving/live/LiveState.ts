/** LiveState: how the shop's stream and this process are at a moment, as consoles are told every second. */
import { Schema } from "effect";
import { RunningBatch } from "../../vitals/BatchRuns.ts";
import { Step } from "../../vitals/Steps.ts";
import { Use } from "../Models.ts";

const about = <A, I>(schema: Schema.Schema<A, I>, description: string) => schema.annotations({ description });
const orNull = <A, I>(schema: Schema.Schema<A, I>, description: string) => about(Schema.NullOr(schema), description);

const Rate = orNull(Schema.Number, "A second, since the state before; null in the first.");

export const Latency = Schema.Struct({
  per_second: Schema.Number,
  p50_ms: Schema.Number,
  p99_ms: Schema.Number,
}).annotations({ identifier: "Latency" });
export type Latency = typeof Latency.Type;

export const LivePartition = Schema.Struct({
  partition: Schema.Int,
  state: Schema.Literal("running", "paused", "draining", "restarting", "waiting", "elsewhere").annotations({
    description:
      "Of its fiber in this process. paused: full, so nothing more is fetched. draining: it is to be let go. restarting: after a failure of its own. waiting: for a store. elsewhere: this process does not own it; its lag is what the group committed.",
  }),
  waits_for: orNull(Schema.String, "The store that it waits for."),
  reason: orNull(Schema.String, "Why it does not run."),
  next: orNull(Schema.String, "The first offset that is not applied, a whole number of any size."),
  lag: orNull(Schema.Int, "Events that are not applied yet; null while that is not known."),
  per_second: Rate,
  restarts: about(Schema.Int, "Since it was assigned to this process."),
}).annotations({ identifier: "LivePartition" });
export type LivePartition = typeof LivePartition.Type;

export const LiveGroup = Schema.Struct({
  group: Schema.String,
  role: Schema.Literal("updater", "archiver"),
  model: orNull(Schema.String, "Which model it keeps up to date."),
  serves: about(Schema.Boolean, "Whether that model serves."),
  lag: orNull(Schema.Int, "Of all partitions; null while a part of it is not known."),
  per_second: Rate,
  restarts: about(Schema.Int, "Failures in this process that made a partition start over."),
  partitions: Schema.Array(LivePartition),
}).annotations({ identifier: "LiveGroup", description: "Who follows the event log together." });
export type LiveGroup = typeof LiveGroup.Type;

export const LiveEvent = Schema.Struct({
  at: about(Schema.String, "When the log took it. ISO 8601, in UTC."),
  user_id: Schema.String,
  item_id: Schema.String,
  title: orNull(Schema.String, "The item's, where the shop told it."),
  event_type: Schema.String,
  partition: Schema.Int,
  offset: Schema.String,
}).annotations({ identifier: "LiveEvent" });
export type LiveEvent = typeof LiveEvent.Type;

const LiveStudy = Schema.Struct({ id: Schema.String, started: Schema.String, step: Schema.NullOr(Step) }).annotations({
  identifier: "LiveStudy",
});

export const LiveState = Schema.Struct({
  at: about(Schema.String, "ISO 8601, in UTC."),
  events: Schema.Struct({
    appended: Rate,
    applied: about(Rate, "By the model that serves, whichever process does it."),
    archived: Rate,
    lag: orNull(Schema.Int, "Of the model that serves."),
    freshness: orNull(
      Schema.Struct({ p50_ms: Schema.Number, p99_ms: Schema.Number }),
      "From when the log took an event to when it counted, of those that this process applied since the state before; null where it applied none.",
    ),
    batches: orNull(
      Schema.Struct({ per_second: Schema.Number, mean: Schema.Number, p99: Schema.Number }),
      "Sizes of the steps in which this process applied them.",
    ),
    total: orNull(Schema.String, "Offsets that the log has given out, a whole number of any size."),
  }),
  newest: about(Schema.Array(LiveEvent), "The newest events since the state before, newest first, twenty at most."),
  requests: orNull(Latency, "Of this process, of any route; null where none came."),
  recommendations: orNull(Latency, "Of the routes under /recommend."),
  groups: about(Schema.Array(LiveGroup), "Of all models that are kept up to date, and of the archive."),
  outages: Schema.Array(
    Schema.Struct({ role: Schema.String, store: Schema.String, detail: Schema.String }),
  ).annotations({
    description: "What the roles of this process wait for.",
  }),
  dead_letters: orNull(
    Schema.Struct({ count: Schema.Int, bytes: Schema.NullOr(Schema.Int), oldest: Schema.NullOr(Schema.String) }),
    "Null while they cannot be told.",
  ),
  models: Schema.Struct({
    serving: Schema.NullOr(Schema.String),
    use: orNull(Use, "The model that this process is putting to use."),
  }),
  batch: orNull(RunningBatch, "The batch that this process has started."),
  studies: about(
    Schema.Struct({ tuning: Schema.NullOr(LiveStudy), evaluation: Schema.NullOr(LiveStudy) }),
    "What this process was asked to study.",
  ),
  work: about(
    Schema.Struct({ data: Schema.NullOr(Schema.String), tuning: Schema.NullOr(Schema.String) }),
    "Who works on the files of DATA_DIR, in words: `another process (17) is importing, since 10:15:30`.",
  ),
  process: Schema.Struct({
    cpu: orNull(Schema.Number, "Cores that it used since the state before."),
    memory_bytes: Schema.Int,
    event_loop: orNull(
      Schema.Struct({ p50_ms: Schema.Number, p99_ms: Schema.Number, max_ms: Schema.Number }),
      "For how long its thread was held, in the last ten seconds.",
    ),
    uptime_seconds: Schema.Number,
    consoles: about(Schema.Int, "Who is told."),
  }),
}).annotations({ identifier: "LiveState", description: "One `data` of the stream, as JSON on one line." });
export type LiveState = typeof LiveState.Type;
