/**
 * Recommend: the best items for a user, from the serving model, or what is trending.
 *
 * Personalized: vector → item index by inner product, without what was bought and what the request excludes. Without a
 * vector, without a result, or while a store fails: trending items under the same filters. An answer is of one model.
 */
import { Context, Effect, Layer, Option } from "effect";
import { http } from "../config/Settings.ts";
import { numberOf, slotOf } from "../domain/AppliedLogs.ts";
import { emptyUserState, type UserState } from "../domain/UserState.ts";
import { EventLog } from "../ports/EventLog.ts";
import { type Candidate, ItemIndex } from "../ports/ItemIndex.ts";
import { UserStates, type UserStatesError } from "../ports/UserStates.ts";
import type { Answer, Recommendation } from "./Answer.ts";
import { type Filters, itemFilter, passes } from "./Filters.ts";
import { makeOutages } from "./Outages.ts";
import { Unavailable } from "./Problem.ts";
import { type Serving, ServingModel } from "./ServingModel.ts";
import type { LogPositions } from "./Token.ts";
import { makeTrendingItems } from "./TrendingItems.ts";

export interface RecommendQuery extends Filters {
  /** The shop's own id or, failing that, a whole number: the internal index. */
  readonly user: string;
  /** 1 to 50. */
  readonly k: number;
  /** Events that the answer should know of. */
  readonly after?: LogPositions | undefined;
}

export interface RecommendService {
  /** Fails only while there is neither a model nor anything trending. */
  readonly recommend: (query: RecommendQuery) => Effect.Effect<Answer, Unavailable>;
}

const wholeNumber = /^\d{1,10}$/;
const maxIndex = 2 ** 31 - 1;
const pollEvery = "5 millis";

/** Candidates asked of the index for an answer of `k`: room for items that the catalogue lacks and for re-ranking. */
export const candidates = (k: number): number => Math.min(2 * k, k + 20, 50);

interface Found {
  readonly user: string;
  readonly state: UserState;
}

const make = Effect.gen(function* () {
  const waitAfter = yield* http.waitAfter.config;
  const log = yield* EventLog;
  const servingModel = yield* ServingModel;
  const users = yield* UserStates;
  const index = yield* ItemIndex;
  const outages = yield* makeOutages;
  const trendingItems = yield* makeTrendingItems(outages);

  const find = (model: string, segment: string): Effect.Effect<Found, UserStatesError> =>
    Effect.flatMap(users.read(model, [segment]), ([state]) => {
      if (state !== undefined) return Effect.succeed({ user: segment, state });
      const stranger = { user: segment, state: emptyUserState };
      if (!wholeNumber.test(segment) || Number(segment) > maxIndex) return Effect.succeed(stranger);
      return Effect.flatMap(users.userIdsOf(model, [Number(segment)]), ([user]) =>
        user === undefined
          ? Effect.succeed(stranger)
          : Effect.map(users.read(model, [user]), ([known]) => ({ user, state: known ?? emptyUserState })),
      );
    });

  const trending = Effect.fnUntraced(function* (serving: Serving | undefined, query: RecommendQuery, found: Found) {
    const items = yield* trendingItems(serving?.model);
    if (items.length === 0 && found.state.vector === undefined) {
      return yield* Effect.fail(
        new Unavailable({ detail: "No model serves this user and nothing is trending yet: run the batch first." }),
      );
    }
    const filter = itemFilter(query, boughtBy(found.state), serving?.catalogue);
    const recommendations: Array<Recommendation> = [];
    for (const { itemIdx, score } of items) {
      if (recommendations.length === query.k) break;
      const row = serving?.catalogue.rowOfIdx(itemIdx);
      const metadata = row === undefined ? null : (serving?.catalogue.metadata[row] ?? null);
      if (serving !== undefined && metadata === null) continue;
      if (passes(filter, itemIdx, metadata)) recommendations.push({ item_idx: itemIdx, score, metadata });
    }
    return answer(found.user, "trending_now", serving, recommendations);
  });

  const personalized = (serving: Serving, query: RecommendQuery, found: Found) => {
    const { vector } = found.state;
    if (vector === undefined) return Effect.succeed([]);
    const filter = itemFilter(query, boughtBy(found.state), serving.catalogue);
    return Effect.map(
      outages.orElse("item index", index.search(serving.model, vector, candidates(query.k), filter), []),
      (found) => worded(serving, found, query.k),
    );
  };

  const answerFrom = (serving: Serving | undefined, query: RecommendQuery): Effect.Effect<Answer, Unavailable> => {
    const stranger: Found = { user: query.user, state: emptyUserState };
    if (serving === undefined) return trending(undefined, query, stranger);
    return Effect.flatMap(outages.orElse("user states", find(serving.model, query.user), stranger), (found) =>
      Effect.flatMap(personalized(serving, query, found), (recommendations) =>
        recommendations.length === 0
          ? trending(serving, query, found)
          : Effect.succeed(answer(found.user, "personalized", serving, recommendations)),
      ),
    );
  };

  const knows = ({ model }: Serving, { log, positions }: LogPositions) =>
    Effect.flatMap(users.logs(model), (logs = []) => {
      const number = numberOf(logs, log);
      if (number === undefined) return Effect.succeed(false);
      return Effect.every(positions, ({ partition, offset }) =>
        Effect.map(users.position(model, slotOf(number, partition)), (next) => next !== undefined && next > offset),
      );
    }).pipe(Effect.orElseSucceed(() => false));

  /** A log that cannot say which it is may be the one. */
  const isOfThisLog = (after: LogPositions) =>
    Effect.map(Effect.option(log.identity), (identity) => Option.getOrElse(identity, () => after.log) === after.log);

  /** The model that has applied the positions, once one has; undefined when time runs out. */
  const awaitApplied = (after: LogPositions) => {
    const look: Effect.Effect<Serving | undefined> = Effect.flatMap(servingModel.current, (serving) =>
      serving === undefined
        ? Effect.succeed(undefined)
        : Effect.map(knows(serving, after), (applied) => (applied ? serving : undefined)),
    );
    const poll: Effect.Effect<Serving> = Effect.flatMap(look, (serving) =>
      serving === undefined
        ? Effect.delay(
            Effect.suspend(() => poll),
            pollEvery,
          )
        : Effect.succeed(serving),
    );
    return Effect.map(Effect.timeoutOption(poll, waitAfter), Option.getOrUndefined);
  };

  const recommend = (query: RecommendQuery): Effect.Effect<Answer, Unavailable> => {
    const { after } = query;
    if (after === undefined) return Effect.flatMap(servingModel.current, (serving) => answerFrom(serving, query));
    return Effect.gen(function* () {
      const applied = (yield* isOfThisLog(after)) ? yield* awaitApplied(after) : undefined;
      const found = yield* answerFrom(applied ?? (yield* servingModel.current), query);
      return { ...found, caught_up: applied !== undefined };
    });
  };

  return { recommend };
});

export class Recommend extends Context.Tag("slipstream/Recommend")<Recommend, RecommendService>() {
  static readonly layer = Layer.effect(Recommend, make);
}

const boughtBy = (state: UserState): ReadonlyArray<number> => Array.from(state.bought);

const worded = (serving: Serving, found: ReadonlyArray<Candidate>, k: number): Array<Recommendation> => {
  const recommendations: Array<Recommendation> = [];
  for (const { itemIdx, score } of found) {
    if (recommendations.length === k) break;
    const row = serving.catalogue.rowOfIdx(itemIdx);
    if (row !== undefined)
      recommendations.push({ item_idx: itemIdx, score, metadata: serving.catalogue.metadata[row] });
  }
  return recommendations;
};

const answer = (
  user: string,
  source: Answer["source"],
  serving: Serving | undefined,
  recommendations: ReadonlyArray<Recommendation>,
): Answer => ({ user, source, model: serving?.model ?? null, recommendations });
