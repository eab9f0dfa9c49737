/** Shopper: whom an id in a path names, and what the model knows of them. */
import { Effect } from "effect";
import { emptyUserState, type UserState } from "../../domain/UserState.ts";
import { UserStates, type UserStatesError } from "../../ports/UserStates.ts";
import { spelledIndex } from "./Eligibility.ts";

export interface Shopper {
  /** The shop's own id of whoever was found, or what was asked. */
  readonly user: string;
  /** Empty for a stranger. */
  readonly state: UserState;
}

export const stranger = (user: string): Shopper => ({ user, state: emptyUserState });

/** The shop's own id counts first. A whole number that is none is an index only where no customer's id is one. */
export const makeFindShopper = Effect.map(
  UserStates,
  (users) =>
    (model: string, numericUserIds: boolean, id: string): Effect.Effect<Shopper, UserStatesError> =>
      Effect.flatMap(users.read(model, [id]), ([state]) => {
        if (state !== undefined) return Effect.succeed({ user: id, state });
        const userIdx = spelledIndex(id, numericUserIds);
        if (userIdx === undefined) return Effect.succeed(stranger(id));
        return Effect.flatMap(users.userIdsOf(model, [userIdx]), ([user]) =>
          user === undefined
            ? Effect.succeed(stranger(id))
            : Effect.map(users.read(model, [user]), ([known]) => ({ user, state: known ?? emptyUserState })),
        );
      }),
);
