/** Shopper: whom an id in a path names, and what the model knows of them. */
import { Clock, Effect, Schema, type Types } from "effect";
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

/** What is stored of one shopper cannot be decoded: no outage of the store, which answers of all others. */
export class DamagedState extends Schema.TaggedError<DamagedState>()("DamagedState", {
  user: Schema.String,
  message: Schema.String,
}) {}

/** What a model knows of the shopper of that id, for whoever asks for nothing else; undefined of a stranger. */
export const makeStateOf = Effect.map(
  UserStates,
  (users) =>
    (model: string, user: string): Effect.Effect<UserState | undefined, UserStatesError | DamagedState> =>
      Effect.flatMap(users.readPacked(model, [user]), ([packed]) => {
        const state = packed();
        if (state !== "damaged") return Effect.succeed(state);
        const message = `What is stored of shopper ${user} in model ${model} cannot be decoded: run the batch, which makes a model anew.`;
        return new DamagedState({ user, message });
      }),
);

/** The shop's own id counts first. A whole number that is none is an index only where no customer's id is one. */
export const makeFindShopper = Effect.map(Effect.all([UserStates, makeStateOf]), ([users, stateOf]) => {
  return (model: string, numericUserIds: boolean, id: string): Effect.Effect<Shopper, UserStatesError | DamagedState> =>
    Effect.flatMap(stateOf(model, id), (state) => {
      if (state !== undefined) return Effect.succeed({ user: id, state });
      const userIdx = spelledIndex(id, numericUserIds);
      if (userIdx === undefined) return Effect.succeed(stranger(id));
      return Effect.flatMap(users.userIdsOf(model, [userIdx]), ([user]) =>
        user === undefined
          ? Effect.succeed(stranger(id))
          : Effect.map(stateOf(model, user), (known) => ({ user, state: known ?? emptyUserState })),
      );
    });
});

/** So often is it told that somebody's state is damaged. */
const toldEvery = 60_000;

/** As `makeFindShopper`, of whoever is answered in any case: as a stranger is, where what is stored of them is damaged. */
export const makeFindOrStranger = Effect.map(makeFindShopper, (find) => {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (model: string, numericUserIds: boolean, id: string): Effect.Effect<Shopper, UserStatesError> =>
    Effect.catchTag(find(model, numericUserIds, id), "DamagedState", ({ message, user }) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis;
        if (now - toldAt >= toldEvery) {
          toldAt = now;
          yield* Effect.logWarning(`${message} Until then they are answered as a stranger is.`);
        }
        return stranger(user);
      }),
    );
});
