/** Probes: which stores a role needs. */
import { Effect, Option } from "effect";
import { rawEvents } from "../domain/TableSchemas.ts";
import type { EventLog } from "../ports/EventLog.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import type { Tables } from "../ports/Tables.ts";
import type { UserStates } from "../ports/UserStates.ts";
import type { Probes } from "../vitals/Check.ts";
import * as Probe from "../vitals/Probe.ts";

export const producer: Probes<EventLog> = { event_log: Probe.eventLog };

export const archiver: Probes<EventLog | Tables> = { ...producer, tables: Probe.table(rawEvents.name) };

const userStates = Effect.flatMap(ModelRegistry, (registry) =>
  registry.state.pipe(
    Effect.orElseSucceed(() => ({ serving: Option.none<string>() })),
    Effect.flatMap(({ serving }) => Probe.userStates(Option.getOrElse(serving, () => "none"))),
  ),
);

/** Of updater and batch. Item vectors are needed when a model is taken up: an updater that waits for them says so. */
export const models: Probes<EventLog | ModelRegistry | UserStates> = {
  ...producer,
  model_registry: Probe.modelRegistry,
  user_states: userStates,
};
