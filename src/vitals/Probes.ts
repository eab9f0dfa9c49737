/** Probes: which stores a role needs, and something small to ask each of them. */
import { Effect, Option } from "effect";
import { rawEvents } from "../domain/TableSchemas.ts";
import type { Probes } from "../http/HealthPage.ts";
import { EventLog } from "../ports/EventLog.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { Tables } from "../ports/Tables.ts";
import { UserStates } from "../ports/UserStates.ts";

const log = Effect.map(EventLog, ({ endOffsets }) => ({ event_log: endOffsets }));

const states = Effect.map(Effect.all([ModelRegistry, UserStates]), ([registry, users]) => ({
  model_registry: registry.state,
  // Any model will do: what counts is that there is an answer.
  user_states: registry.state.pipe(
    Effect.orElseSucceed(() => ({ serving: Option.none<string>() })),
    Effect.flatMap(({ serving }) =>
      users.position(
        Option.getOrElse(serving, () => "none"),
        0,
      ),
    ),
  ),
}));

const archiveTable = Effect.map(Tables, (tables) => ({
  tables: tables.writable(rawEvents.name),
}));

export const producer: Probes<EventLog> = log;

export const archiver: Probes<EventLog | Tables> = Effect.map(Effect.all([log, archiveTable]), ([log, table]) => ({
  ...log,
  ...table,
}));

/** Of updater and batch. Item vectors are needed when a model is taken up: an updater that waits for them says so. */
export const models: Probes<EventLog | ModelRegistry | UserStates> = Effect.map(
  Effect.all([log, states]),
  ([log, states]) => ({ ...log, ...states }),
);
