/** Standing: where a model stands in the event log that there is; what it has of another log does not count. */
import { Effect } from "effect";
import { numberOf, slotOf, type Unnamed } from "../domain/AppliedLogs.ts";
import { type Model, snapshotOffsets } from "../domain/Model.ts";
import { EventLog, type EventLogError } from "../ports/EventLog.ts";
import { UserStates, type UserStatesError } from "../ports/UserStates.ts";
import { areOwn } from "../stream/Unnamed.ts";

const groupPrefix = "updater-";

/** The consumer group that applies events to a model. */
export const updaterGroup = (modelId: string): string => `${groupPrefix}${modelId}`;

/** The model of an updater's group. */
export const modelOfGroup = (group: string): string | undefined =>
  group.startsWith(groupPrefix) ? group.slice(groupPrefix.length) : undefined;

export interface Standing {
  readonly identity: string;
  /** The number of the log among the model's; undefined where the model has applied nothing of it. */
  readonly number: number | undefined;
  /** The partition's first event that is not in the training data. */
  readonly start: (partition: number) => bigint;
}

/** Where the training data ends, in this log. */
const startOf = (model: Model, identity: string) =>
  Effect.gen(function* () {
    const { named, unnamed } = snapshotOffsets(model, identity);
    const writtenAt = Date.parse(model.createdAt) / 1000;
    const own = named.size === 0 && unnamed.size > 0 && (yield* areOwn({ offsets: unnamed, writtenAt }));
    const offsets = own ? unnamed : named;
    return { start: (partition: number) => offsets.get(partition) ?? 0n, own };
  });

/** Whose the positions of a model of version 0.1 are. */
const unnamedPositions = (model: Model, partitions: number, snapshotIsOwn: boolean) =>
  Effect.gen(function* () {
    const states = yield* UserStates;
    const offsets = new Map<number, bigint>();
    for (let partition = 0; partition < partitions; partition++) {
      const position = yield* states.position(model.id, slotOf(0, partition));
      if (position !== undefined) offsets.set(partition, position);
    }
    if (offsets.size === 0) return "own" as const;
    const group = updaterGroup(model.id);
    // Of the training data's own log, too, as far as that can be told.
    const writtenAt = snapshotIsOwn ? Number.POSITIVE_INFINITY : undefined;
    return (yield* areOwn({ offsets, writtenAt, group })) ? ("own" as const) : ("other" as const);
  });

const look = (model: Model) =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    const states = yield* UserStates;
    const identity = yield* log.identity;
    const partitions = yield* log.partitions;
    const { own, start } = yield* startOf(model, identity);
    const logs = yield* states.logs(model.id);
    const unnamed: Unnamed = logs === undefined ? yield* unnamedPositions(model, partitions, own) : "other";
    const number = logs === undefined ? (unnamed === "own" ? 0 : undefined) : numberOf(logs, identity);
    return { identity, partitions, logs, unnamed, number, start };
  });

/** Changes nothing. */
export const standing = (
  model: Model,
): Effect.Effect<Standing, EventLogError | UserStatesError, EventLog | UserStates> => look(model);

/** As `standing`, for who will apply events: takes the log among the model's, and says so where it is not the first. */
export const stand = (model: Model) =>
  Effect.gen(function* () {
    const states = yield* UserStates;
    const { identity, number, partitions, start, unnamed } = yield* look(model);
    const logs = yield* states.addLog(model.id, { identity, partitions }, unnamed);
    const now = numberOf(logs, identity) ?? 0;
    if (number === undefined && now > 0) {
      yield* Effect.logWarning(
        `model ${model.id} starts with event log ${identity}: what it has applied so far is of another log`,
      );
    }
    return { identity, number: now, start };
  });

/** Per partition, the first event of the log that the model does not know; undefined slots count as the start. */
export const positionsOf = (model: Model, partitions: number) =>
  Effect.gen(function* () {
    const states = yield* UserStates;
    const { number, start } = yield* standing(model);
    return yield* Effect.forEach(Array.from({ length: partitions }).keys(), (partition) =>
      number === undefined
        ? Effect.succeed(start(partition))
        : Effect.map(states.position(model.id, slotOf(number, partition)), (next) => next ?? start(partition)),
    );
  });
