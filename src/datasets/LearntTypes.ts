/** LearntTypes: which types of events there are, for commands that read what was learnt, and know no model. */
import { Effect, Option } from "effect";
import { defaultEventTypes, type EventTypes, eventTypesOf } from "../domain/EventTypes.ts";
import { learning } from "../learning/Settings.ts";
import { readSnapshot } from "./TrainingData.ts";

/** Those that are set or, where nothing is, those that the newest batch learnt by, as the models that it makes; else the default. */
export const learntTypes = Effect.flatMap(
  learning.eventTypes.given,
  Option.match({
    onSome: (types: EventTypes) => Effect.succeed(types),
    onNone: () =>
      readSnapshot.pipe(
        Effect.map(({ eventTypes }) => (eventTypes === undefined ? defaultEventTypes : eventTypesOf(eventTypes))),
        Effect.catchIf(
          (error) => error.reason === "Missing",
          () => Effect.succeed(defaultEventTypes),
        ),
      ),
  }),
);
