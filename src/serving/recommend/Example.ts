/** Example: a user and an item that the shop has, for commands to try. */
import { Effect, Option } from "effect";
import type { UserStatesService } from "../../ports/UserStates.ts";
import type { Serving } from "../ServingModel.ts";
import { type Example, newcomer } from "../TryThis.ts";
import type { Answer } from "./Answer.ts";
import { noFilters, type RecommendQuery } from "./Query.ts";

/** Of a user whom shops of any size have. */
const exampleUser = 123;

/** Undefined while no catalogue is loaded, or where it is empty. */
export const exampleIn = <E>(
  current: Effect.Effect<Serving | undefined>,
  users: Pick<UserStatesService, "userIdsOf">,
  answer: (serving: Serving, query: RecommendQuery) => Effect.Effect<Answer, E>,
): Effect.Effect<Example | undefined> =>
  Effect.gen(function* () {
    const serving = yield* current;
    if (serving === undefined) return undefined;
    const ids = yield* Effect.orElseSucceed(users.userIdsOf(serving.model, [exampleUser, 0]), () => []);
    const user = ids.find((id) => id !== undefined) ?? newcomer;
    const found = yield* Effect.option(answer(serving, { ...noFilters, user, k: 1 }));
    const item = Option.getOrUndefined(found)?.recommendations[0]?.metadata?.article_id;
    return item === undefined ? undefined : { user, item };
  });
