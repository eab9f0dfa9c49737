/**
 * TakenTypes: of which types the API takes events: those that are set or, where nothing is, those of the model that serves. So an API
 * that is given none agrees with those that are, once a model was made by theirs.
 */
import { Effect, Option } from "effect";
import { defaultEventTypes, type EventTypes } from "../domain/EventTypes.ts";
import { learning } from "../learning/Settings.ts";

/** What `make` makes of them, anew when they are others. `serving` names its own; undefined: no model serves. */
export const byTakenTypes = <A>(make: (types: EventTypes) => A) =>
  Effect.map(learning.eventTypes.given, (given) => {
    let last: { readonly types: EventTypes; readonly made: A } | undefined;
    return (serving: { readonly types: EventTypes } | undefined): A => {
      const types = Option.getOrElse(given, () => serving?.types ?? defaultEventTypes);
      if (last?.types !== types) last = { types, made: make(types) };
      return last.made;
    };
  });
