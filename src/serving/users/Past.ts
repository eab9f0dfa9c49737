/** Past: what the serving model knows of what a user did: their profile and their history. */
import { Context, Effect, Layer } from "effect";
import type { Interaction, UserState } from "../../domain/UserState.ts";
import { keepNewest } from "../../learning/ApplyEvent.ts";
import { Vitals } from "../../vitals/Vitals.ts";
import { outageOf } from "../../vitals/Waiting.ts";
import { NotNow, UnknownIds } from "../Errors.ts";
import { shown } from "../FieldError.ts";
import { makeFindShopper } from "../recommend/Shopper.ts";
import { type Serving, ServingModel } from "../ServingModel.ts";
import type { Deed, History, Profile } from "./PastSchema.ts";
import { sharesOf } from "./Shares.ts";

export interface ProfileQuery {
  /** As in `RecommendQuery`. */
  readonly user: string;
  /** How many of the newest purchases are told. */
  readonly recent: number;
  /** How many groups, and types. */
  readonly top: number;
}

export interface PastService {
  /** Fails for a user of whom nothing is known, and while no model serves or the store is away. */
  readonly profile: (query: ProfileQuery) => Effect.Effect<Profile, UnknownIds | NotNow>;
  /** The newest `limit` things that they did. */
  readonly history: (user: string, limit: number) => Effect.Effect<History, UnknownIds | NotNow>;
}

/** Of who was forgotten a state may be left that knows of nothing. */
const isKnown = ({ bought, hidden, interactions, vector }: UserState): boolean =>
  vector !== undefined || interactions.length + bought.length + hidden.length > 0;

const make = Effect.gen(function* () {
  const { current } = yield* ServingModel;
  const findShopper = yield* makeFindShopper;
  const waiting = (yield* Vitals).waiting("api");

  const find = Effect.fnUntraced(function* (id: string) {
    const serving = yield* current;
    if (serving === undefined) return yield* noModel;
    const { state, user } = yield* findShopper(serving.model, serving.numericUserIds, id).pipe(
      Effect.tap(waiting.end("past")),
      Effect.catchTags({
        DamagedState: ({ message }) => new NotNow({ message }),
        UserStatesError: (error) =>
          Effect.zipRight(
            waiting.begin("past", outageOf(error)),
            new NotNow({ message: "The user store does not answer just now: try again." }),
          ),
      }),
    );
    if (user === null || !isKnown(state)) return yield* unknownUser(id);
    // A batch loads more than an event would leave: what is told must not depend on which came last.
    return { serving, user, state: { ...state, interactions: keepNewest(state.interactions, serving.types) } };
  });

  const profile: PastService["profile"] = (query) =>
    Effect.map(find(query.user), ({ serving, state, user }) => {
      const { buys } = serving.types;
      const purchases = state.interactions.filter(({ type }) => buys[type]);
      const deeds = purchases.toReversed().map(deedOf(serving));
      const namesOf = (of: "product_group_name" | "product_type_name") =>
        deeds.map(({ metadata }) => metadata?.[of] ?? "");
      return {
        user,
        model: serving.model,
        total_purchases: purchases.length,
        items_bought: state.bought.length,
        first_purchase: purchases[0]?.time ?? null,
        last_purchase: purchases.at(-1)?.time ?? null,
        recent_purchases: deeds.slice(0, query.recent),
        top_product_groups: sharesOf(namesOf("product_group_name"), query.top),
        top_product_types: sharesOf(namesOf("product_type_name"), query.top),
      };
    });

  const history: PastService["history"] = (id, limit) =>
    Effect.map(find(id), ({ serving, state: { interactions }, user }) => ({
      user,
      model: serving.model,
      total: interactions.length,
      history: interactions.slice(-limit).toReversed().map(deedOf(serving)),
    }));

  return { profile, history } satisfies PastService as PastService;
});

export class Past extends Context.Tag("slipstream/Past")<Past, PastService>() {
  static readonly layer = Layer.effect(Past, make);
}

const deedOf =
  ({ catalogue, types }: Serving) =>
  ({ itemIdx, time, type }: Interaction): Deed => {
    const row = catalogue.rowOfIdx(itemIdx);
    return {
      item_idx: itemIdx,
      event_type: types.names[type] ?? "",
      timestamp: time,
      metadata: row === undefined ? null : catalogue.metadata(row),
    };
  };

const noModel = new NotNow({ message: "No model serves yet: what users did is known by it." });

const unknownUser = (id: string) =>
  new UnknownIds({
    message: `Nothing is known of a user ${id}.`,
    errors: [{ field: "user_id", value: shown(id), detail: "send the id of a user who did something" }],
  });
