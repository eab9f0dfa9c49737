/** Shopper: whom an id in a path names, and what the model knows of them. */
import { Effect, type Types } from "effect";
import { withShown } from "../../domain/ShownItems.ts";
import { emptyUserState, type UserState } from "../../domain/UserState.ts";
import { markItem } from "../../learning/ApplyEvent.ts";
import { UserStates, type UserStatesError } from "../../ports/UserStates.ts";
import type { Serving } from "../ServingModel.ts";
import { itemIdxOf, spelledIndex } from "./Eligibility.ts";
import type { ContextItem } from "./Query.ts";

export interface Shopper {
  /** The shop's own id of whoever was found, or what was asked; null for a visitor without one. */
  readonly user: string | null;
  /** Empty for a stranger. */
  readonly state: UserState;
}

export const stranger = (user: string | null): Shopper => ({ user, state: emptyUserState });

/**
 * What `state` would be if that had just been done, too: behind all that is stored, at the time of the last of it, so that an answer
 * goes by no clock but for what was shown, at `now` (unix seconds). Items and types that the model does not know are passed over.
 */
export const havingDone = (
  serving: Serving,
  state: UserState,
  context: ReadonlyArray<ContextItem>,
  now: number,
): UserState => {
  if (context.length === 0) return state;
  const { catalogue, learner, types } = serving;
  const user: Types.Mutable<UserState> = { ...state };
  const time = state.interactions.at(-1)?.time ?? 0;
  for (const [place, { item, type: name }] of context.entries()) {
    const type = name === undefined ? types.visit : types.codeOf(name);
    const itemIdx = typeof item === "number" ? item : itemIdxOf(item, serving);
    const row = itemIdx === undefined ? undefined : catalogue.rowOfIdx(itemIdx);
    if (itemIdx === undefined || row === undefined || type < 0) continue;
    if (types.shows[type]) user.shown = withShown(user.shown, itemIdx, now, place);
    if (types.isIdle[type]) continue;
    markItem(user, itemIdx, type, types);
    if (types.weights[type] === 0) continue;
    user.interactions = [...user.interactions, { itemIdx, type, time }];
    user.vector = learner.learn(user.vector, row, types.weights[type], user.interactions);
  }
  return user;
};

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
