/** Named: whose id a path means where all is done by the shop's own ids: as everywhere else, an index means whoever has it. */
import { Effect, Option } from "effect";
import type { UserStatesError } from "../../ports/UserStates.ts";
import { spelledIndex } from "../recommend/Eligibility.ts";
import { makeFindOrStranger } from "../recommend/Shopper.ts";
import { ServingModel } from "../ServingModel.ts";

/** The text itself, unless it is the index of a shopper of the model that is to serve. Asks the store for nothing else. */
export const makeNamed = Effect.map(Effect.all([ServingModel, makeFindOrStranger]), ([{ chosen }, find]) => {
  return (id: string): Effect.Effect<string, UserStatesError> =>
    Effect.flatMap(chosen, (known) => {
      if (known === undefined || Option.isNone(known)) return Effect.succeed(id);
      const { model, numericUserIds } = known.value;
      return spelledIndex(id, numericUserIds) === undefined
        ? Effect.succeed(id)
        : Effect.map(find(model, numericUserIds, id), ({ user }) => user ?? id);
    });
});
