/** Shopper: whom an id in a path names, and what the model knows of them. */
import { Effect } from "effect";
import { eventTypeCode, eventTypeWeights } from "../../domain/Event.ts";
import { itemSetOf } from "../../domain/ItemSet.ts";
import { emptyUserState, type Interaction, type UserState } from "../../domain/UserState.ts";
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

const purchase = eventTypeCode("purchase");

/** What a visitor would be who had done that and nothing else; items that the model does not know are passed over. */
export const visitor = (serving: Serving, context: ReadonlyArray<ContextItem>): Shopper => {
  const { catalogue, learner } = serving;
  const interactions: Array<Interaction> = [];
  let vector: Float32Array | undefined;
  for (const { item, type } of context) {
    const itemIdx = typeof item === "number" ? item : itemIdxOf(item, serving);
    const row = itemIdx === undefined ? undefined : catalogue.rowOfIdx(itemIdx);
    if (itemIdx === undefined || row === undefined) continue;
    interactions.push({ itemIdx, type, time: 0 });
    vector = learner.learn(vector, row, eventTypeWeights[type], interactions);
  }
  const bought = itemSetOf(interactions.filter(({ type }) => type === purchase).map(({ itemIdx }) => itemIdx));
  return { user: null, state: { ...emptyUserState, vector, interactions, bought } };
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
