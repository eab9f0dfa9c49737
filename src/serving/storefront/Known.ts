/** Known: which shoppers there are to be, by the ids that the model was loaded with. */
import { Clock, Effect } from "effect";
import type { UserState } from "../../domain/UserState.ts";
import type { UserStatesError, UserStatesService } from "../../ports/UserStates.ts";
import { breathe } from "../../training/Plane.ts";
import type { Serving } from "../ServingModel.ts";
import type { ShopperFound, ShoppersFound } from "./StorefrontSchema.ts";

/**
 * Ids that a search for a beginning looks through at a time; a shop may have millions. No store has loaded users in the order of their
 * ids, so that a range of them could be read: the embedded one has them by index, and finds an id by its hash; Redis has hashes by index
 * and by id.
 */
export const atOnce = 5_000;
/** Milliseconds after which a search looks no further. */
const patience = 500;
const mostFound = 8;
const sampled = 240;
const examples = 8;

/** Groups by how often, the most frequent first. */
const groupsOf = ({ catalogue }: Serving, { interactions }: UserState): ReadonlyArray<string> => {
  const counts = new Map<string, number>();
  for (const { itemIdx } of interactions) {
    const row = catalogue.rowOfIdx(itemIdx);
    const { index_group_name: index = "", product_group_name: group = "" } =
      row === undefined ? {} : catalogue.metadata(row);
    const name = [index, group].filter((part) => part !== "").join(" · ");
    if (name !== "") counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .slice(0, 3)
    .map(([name]) => name);
};

export const foundOf = (serving: Serving, user: string, state: UserState): ShopperFound => ({
  user,
  purchases: state.bought.length,
  interactions: state.interactions.length,
  groups: groupsOf(serving, state),
});

/** Those of them of whom something is known, in their order. */
const read = (users: UserStatesService, serving: Serving, ids: ReadonlyArray<string>) =>
  Effect.map(users.readPacked(serving.model, ids), (states) =>
    ids.flatMap((id, at) => {
      const state = states[at]();
      return state === undefined || state === "damaged" || state.interactions.length + state.bought.length === 0
        ? []
        : [foundOf(serving, id, state)];
    }),
  );

/** Spread over all indices below `count`, at most `most` of them. */
export const spread = (count: number, most: number): ReadonlyArray<number> => {
  const length = Math.min(count, most);
  return Array.from({ length }, (_, at) => Math.floor((at * count) / length));
};

const idsOf = (users: Pick<UserStatesService, "userIdsOf">, model: string, indices: ReadonlyArray<number>) =>
  Effect.map(users.userIdsOf(model, indices), (ids) => ids.filter((id) => id !== undefined));

interface Begun {
  readonly ids: ReadonlyArray<string>;
  /** How many ids were looked at. */
  readonly looked: number;
}

/** Some ids that begin so, another than `text` itself: looked for until there are enough, all were looked at, or it takes too long. */
export const begunWith = (
  users: Pick<UserStatesService, "userIdsOf">,
  model: string,
  count: number,
  text: string,
): Effect.Effect<Begun, UserStatesError> =>
  Effect.gen(function* () {
    const until = (yield* Clock.currentTimeMillis) + patience;
    const parts = Math.max(1, Math.ceil(count / atOnce));
    const found: Array<string> = [];
    let looked = 0;
    // Each part is spread over all, so that what is left out where the time is up is of no kind.
    for (let part = 0; part < parts && found.length < mostFound; part++) {
      if (part > 0 && (yield* Clock.currentTimeMillis) > until) break;
      const indices = Array.from({ length: Math.ceil((count - part) / parts) }, (_, at) => part + at * parts);
      for (const id of yield* idsOf(users, model, indices)) if (id !== text && id.startsWith(text)) found.push(id);
      looked += indices.length;
      yield* breathe;
    }
    return { ids: found.slice(0, mostFound), looked };
  });

/** The one called so first, then those whose ids begin with it; case counts. `count`: the model's users. */
export const search = (
  users: UserStatesService,
  serving: Serving,
  count: number,
  text: string,
): Effect.Effect<ShoppersFound, UserStatesError> =>
  Effect.gen(function* () {
    const { ids, looked } = yield* begunWith(users, serving.model, count, text);
    const shoppers = (yield* read(users, serving, [text, ...ids])).slice(0, mostFound);
    return { shoppers, looked_through: looked };
  });

/** Shoppers of whom a good deal is known, each with another taste where there are such. */
export const exampleShoppers = (
  users: UserStatesService,
  serving: Serving,
  count: number,
): Effect.Effect<ReadonlyArray<ShopperFound>, UserStatesError> =>
  Effect.gen(function* () {
    const known = yield* read(users, serving, yield* idsOf(users, serving.model, spread(count, sampled)));
    // Enough to have a taste, and so little that one more click is seen to count: the middle of the sample, the fuller half first.
    const ordered = known.toSorted((one, other) => other.interactions - one.interactions);
    const middle = ordered.slice(Math.floor(0.3 * ordered.length));
    const tastes = new Set<string>();
    const chosen = middle.filter(({ groups: [taste = ""] }) => !tastes.has(taste) && tastes.add(taste));
    const others = middle.filter((one) => !chosen.includes(one));
    return [...chosen, ...others].slice(0, examples);
  });
