/** Named: whose id a path means where all is done by the shop's own ids: as everywhere else, an index means whoever has it. */
import { Effect, Option } from "effect";
import { saltedHash } from "../../domain/Forgotten.ts";
import { Forgotten, type ForgottenError } from "../../ports/Forgotten.ts";
import type { UserStatesError } from "../../ports/UserStates.ts";
import { spelledIndex } from "../recommend/Eligibility.ts";
import { makeFindOrStranger } from "../recommend/Shopper.ts";
import { ServingModel } from "../ServingModel.ts";

/**
 * The text itself, unless it is the index of a shopper of the model that is to serve. Whoever was forgotten by an id is meant by it for
 * good: asked again, it is nobody's index.
 */
export const makeNamed = Effect.gen(function* () {
  const { chosen } = yield* ServingModel;
  const find = yield* makeFindOrStranger;
  const forgotten = yield* Forgotten;
  const tombstoneOf = (id: string) => Effect.flatMap(forgotten.salt, (salt) => forgotten.find(saltedHash(salt, id)));
  return (id: string): Effect.Effect<string, UserStatesError | ForgottenError> =>
    Effect.gen(function* () {
      const known = yield* chosen;
      if (known === undefined || Option.isNone(known)) return id;
      const { model, numericUserIds } = known.value;
      if (spelledIndex(id, numericUserIds) === undefined || (yield* tombstoneOf(id)) !== undefined) return id;
      const { user } = yield* find(model, numericUserIds, id);
      return user ?? id;
    });
});
