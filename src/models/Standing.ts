/** Standing: where a model stands in the event log that there is; what it has of another log does not count. */
import { Effect } from "effect";
import { numberOf, slotOf } from "../domain/AppliedLogs.ts";
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

/** The log that there is, and where the training data ends in it: constant for a model. */
const beginning = (model: Model) =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    const identity = yield* log.identity;
    const partitions = yield* log.partitions;
    const { named, unnamed } = snapshotOffsets(model, identity);
    const writtenAt = Date.parse(model.createdAt) / 1000;
    const takenOver = named.size === 0 && unnamed.size > 0 && (yield* areOwn({ offsets: unnamed, writtenAt }));
    const offsets = takenOver ? unnamed : named;
    return { identity, partitions, takenOver, start: (partition: number) => offsets.get(partition) ?? 0n };
  });

type Beginning = Effect.Effect.Success<ReturnType<typeof beginning>>;

/** Whose the positions of a model of version 0.1 are. */
const unnamedPositions = (model: Model, { partitions, takenOver }: Beginning) =>
  Effect.gen(function* () {
    const states = yield* UserStates;
    const offsets = new Map<number, bigint>();
    for (let partition = 0; partition < partitions; partition++) {
      const position = yield* states.position(model.id, slotOf(0, partition));
      if (position !== undefined) offsets.set(partition, position);
    }
    if (offsets.size === 0) return "own" as const;
    // A model that was trained on this log has applied this log, whenever that was.
    const writtenAt = takenOver ? Number.POSITIVE_INFINITY : undefined;
    const own = yield* areOwn({ offsets, writtenAt, group: updaterGroup(model.id) });
    return own ? ("own" as const) : ("other" as const);
  });

/** The log's number among the model's, and whose the unnamed positions are where it has named no log yet. */
const place = (model: Model, begun: Beginning) =>
  Effect.gen(function* () {
    const logs = yield* Effect.flatMap(UserStates, (states) => states.logs(model.id));
    if (logs !== undefined) return { number: numberOf(logs, begun.identity), unnamed: "other" as const };
    const unnamed = yield* unnamedPositions(model, begun);
    return { number: unnamed === "own" ? 0 : undefined, unnamed };
  });

/** Changes nothing. */
export const standing = (
  model: Model,
): Effect.Effect<Standing, EventLogError | UserStatesError, EventLog | UserStates> =>
  Effect.flatMap(beginning(model), (begun) => Effect.map(place(model, begun), (placed) => ({ ...begun, ...placed })));

/** As `standing`, for who will apply events: takes the log among the model's, and says so where it is not the first. */
export const stand = (model: Model) =>
  Effect.gen(function* () {
    const states = yield* UserStates;
    const begun = yield* beginning(model);
    const { identity, partitions, start } = begun;
    const { number: before, unnamed } = yield* place(model, begun);
    const logs = yield* states.addLog(model.id, { identity, partitions }, unnamed);
    const number = numberOf(logs, identity) ?? 0;
    if (before === undefined && number > 0) {
      yield* Effect.logWarning(
        `model ${model.id} starts with event log ${identity}: what it has applied so far is of another log`,
      );
    }
    return { identity, number, start };
  });

/** To be asked again and again: per partition, the first event of the log that the model does not know. */
export const positionsOf = (model: Model) =>
  Effect.map(beginning(model), (begun) =>
    Effect.gen(function* () {
      const states = yield* UserStates;
      const { number } = yield* place(model, begun);
      return yield* Effect.forEach(Array.from({ length: begun.partitions }).keys(), (partition) =>
        number === undefined
          ? Effect.succeed(begun.start(partition))
          : Effect.map(
              states.position(model.id, slotOf(number, partition)),
              (position) => position ?? begun.start(partition),
            ),
      );
    }),
  );
