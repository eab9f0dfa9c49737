/**
 * Many: the lists of many users at once, each the one that `Recommend.ts` would give: through the same stages and the same gate. What
 * they share is done once: states are read for `together` users in one look at the store, what trends and what follows what is asked for
 * once for those, and a filter is understood once.
 *
 * Between a few users all else that the process has to do gets its turn, so that single requests wait a millisecond or two.
 */
import { Context, Effect, Either, Layer, type Scope } from "effect";
import { LiveCatalogue } from "../../catalogue/LiveCatalogue.ts";
import { emptyUserState } from "../../domain/UserState.ts";
import { type PackedState, UserStates, type UserStatesError } from "../../ports/UserStates.ts";
import { othersFirst } from "../../vitals/OthersFirst.ts";
import { orElse } from "../../vitals/Waiting.ts";
import { type InvalidInput, NotNow } from "../Errors.ts";
import type { Serving } from "../ServingModel.ts";
import { ServingModel } from "../ServingModel.ts";
import { many } from "../Settings.ts";
import type { LogPositions } from "../Token.ts";
import type { Answer } from "./Answer.ts";
import { conditionOf, isOfAll, spelledIndex } from "./Eligibility.ts";
import type { Means } from "./Means.ts";
import type { RecommendQuery } from "./Query.ts";
import { Recommend } from "./Recommend.ts";
import { Shared } from "./Shared.ts";
import type { Shopper } from "./Shopper.ts";

/** Users whose states are read in one look at the store. */
export const together = 256;
/** Items of lists that are made before others get their turn: a millisecond or two. */
const itemsAtOnce = 160;

/** Of which model answers are, and, where events were waited for, whether it has applied them. */
export interface Round {
  readonly serving: Serving | undefined;
  readonly caughtUp: boolean | undefined;
}

export interface ManyService {
  /** The model that serves now; with `after`, once it has applied those events or WAIT_AFTER is over. */
  readonly round: (after: LogPositions | undefined) => Effect.Effect<Round, InvalidInput | NotNow>;
  /**
   * Tells each query's answer in their order: what `Recommend` answers to it, but of no page. Queries have users, and may share
   * filters by being the same object in that; fails at the first that is wrong.
   */
  readonly answers: (
    serving: Serving | undefined,
    queries: ReadonlyArray<RecommendQuery>,
    tell: (answer: Answer, place: number) => void,
  ) => Effect.Effect<void, InvalidInput | NotNow>;
  /** Fails where the filter that all share cannot be understood. */
  readonly understood: (query: RecommendQuery) => Effect.Effect<void, InvalidInput>;
  /** Fails while MAX_BATCHES are under way. */
  readonly room: Effect.Effect<void, NotNow>;
  /** One more is under way until the scope closes. */
  readonly underWay: Effect.Effect<void, never, Scope.Scope>;
}

/** Each filter once. */
const makeConditionOf = (): typeof conditionOf => {
  let last: { readonly key: string; readonly condition: ReturnType<typeof conditionOf> } | undefined;
  return (query, seen) => {
    if (isOfAll(query)) return conditionOf(query, seen);
    const { excludeGroups, excludeTypes, filter, productGroup, productType } = query;
    const key = JSON.stringify([excludeGroups, excludeTypes, filter, productGroup, productType]);
    if (last?.key !== key) last = { key, condition: conditionOf(query, seen) };
    return last.condition;
  };
};

const make = Effect.gen(function* () {
  const { answerAtOnce, answerBy } = yield* Recommend;
  const live = yield* LiveCatalogue;
  const { current } = yield* ServingModel;
  const { applied, find, waiting } = yield* Shared;
  const users = yield* UserStates;
  const most = yield* many.maxBatches.config;
  let under = 0;

  const round: ManyService["round"] = (after) =>
    after === undefined
      ? Effect.map(current, (serving) => ({ serving, caughtUp: undefined }))
      : Effect.gen(function* () {
          const caughtUp = yield* applied(after);
          return { serving: caughtUp ?? (yield* current), caughtUp: caughtUp !== undefined };
        });

  /**
   * Finds who is asked for in a place, of all of whom what is stored is read at once; undefined for who may be found, or is damaged, in
   * the ways of a single request.
   */
  const finder = (
    { model, numericUserIds }: Serving,
    ids: ReadonlyArray<string>,
  ): Effect.Effect<(place: number) => Shopper | undefined> => {
    const read: Effect.Effect<ReadonlyArray<PackedState> | undefined, UserStatesError> = users.readPacked(model, ids);
    return Effect.map(orElse(waiting, "shopper", read, undefined), (packed) => (place) => {
      const user = ids[place];
      if (packed === undefined) return { user, state: emptyUserState };
      const state = packed[place]();
      const isElse = state === undefined && spelledIndex(user, numericUserIds) !== undefined;
      return state === "damaged" || isElse ? undefined : { user, state: state ?? emptyUserState };
    });
  };

  const answers: ManyService["answers"] = Effect.fnUntraced(function* (serving, queries, tell) {
    const conditionOf = makeConditionOf();
    const means: Means = {
      find,
      conditionOf,
      metadata: ({ catalogue }, row) => catalogue.metadata(row),
      isPaged: false,
    };
    for (let from = 0; from < queries.length; from += together) {
      const asked = queries.slice(from, from + together);
      // No id is empty.
      const ids = asked.map(({ user }) => user ?? "");
      const found = serving === undefined ? undefined : yield* finder(serving, ids);
      const answer = serving === undefined ? undefined : yield* answerAtOnce(serving, means);
      let items = 0;
      for (const [place, query] of asked.entries()) {
        const shopper = query.user === null ? undefined : found?.(place);
        if (answer === undefined || shopper === undefined) {
          const by = shopper === undefined ? means : { ...means, find: () => Effect.succeed(shopper) };
          tell(yield* answerBy(serving, query, by), from + place);
        } else {
          const made = answer(query, shopper);
          if (Either.isLeft(made)) return yield* made.left;
          tell(made.right, from + place);
        }
        items += query.k;
        if (items < itemsAtOnce) continue;
        yield* othersFirst;
        items = 0;
      }
    }
  });

  const room = Effect.suspend(() => {
    const message = `${most} batches are being answered (MAX_BATCHES), so many as may be at once: send this one again.`;
    return under < most ? Effect.void : Effect.fail(new NotNow({ message }));
  });

  const underWay = Effect.acquireRelease(
    Effect.sync(() => {
      under += 1;
    }),
    () =>
      Effect.sync(() => {
        under -= 1;
      }),
  );

  const understood: ManyService["understood"] = (query) => Effect.asVoid(conditionOf(query, live.columns.seen));

  return { round, answers, understood, room, underWay } satisfies ManyService as ManyService;
});

export class Many extends Context.Tag("slipstream/Many")<Many, ManyService>() {
  static readonly layer = Layer.effect(Many, make);
}
