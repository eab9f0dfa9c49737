/** Storefront: what the console's storefront asks beside the shop's own questions: what shop this is, whom one may be, how items look. */
import { Context, Effect, Layer, Option } from "effect";
import { LiveCatalogue } from "../../catalogue/LiveCatalogue.ts";
import { isMadeUp } from "../../datasets/MadeUp.ts";
import { ModelRegistry } from "../../ports/ModelRegistry.ts";
import { UserStates } from "../../ports/UserStates.ts";
import { Simulation } from "../../simulation/Simulation.ts";
import { unanswered } from "../../vitals/Waiting.ts";
import { Conflicting, NotNow } from "../Errors.ts";
import { type Serving, ServingModel } from "../ServingModel.ts";
import { facetsOf } from "./Facets.ts";
import { exampleShoppers, search } from "./Known.ts";
import type { Shop, ShopperFound, ShoppersFound, Simulation as Told } from "./StorefrontSchema.ts";

export interface StorefrontService {
  readonly shop: Effect.Effect<Shop, NotNow>;
  /** Whoever is called so, and others whose ids begin so. */
  readonly shoppers: (text: string) => Effect.Effect<ShoppersFound, NotNow>;
  /** Switches made-up shoppers on, so many events per second, or off. Not where the shop is a real one. */
  readonly simulate: (perSecond: number | undefined) => Effect.Effect<Told, Conflicting>;
}

const away = (error: { readonly _tag: string }) =>
  new NotNow({ message: `This cannot be told just now: ${unanswered(error)}. Ask again.` });

const make = Effect.gen(function* () {
  const servingModel = yield* ServingModel;
  const registry = yield* ModelRegistry;
  const users = yield* UserStates;
  const live = yield* LiveCatalogue;
  const simulation = yield* Effect.serviceOption(Simulation);
  const files = yield* Effect.context<Effect.Effect.Context<typeof isMadeUp>>();
  const madeUp = Effect.provide(isMadeUp, files).pipe(Effect.orElseSucceed(() => false));
  /** Of one model; looking for them again would find others as they act. */
  let examples: { readonly model: string; readonly shoppers: ReadonlyArray<ShopperFound> } | undefined;

  const usersOf = (model: string) =>
    Effect.map(registry.state, ({ models }) => models.find(({ id }) => id === model)?.users ?? 0);

  const examplesOf = (serving: Serving, count: number) =>
    examples?.model === serving.model
      ? Effect.succeed(examples.shoppers)
      : Effect.tap(exampleShoppers(users, serving, count), (shoppers) => {
          examples = { model: serving.model, shoppers };
        });

  const simulated = Effect.map(madeUp, (is) => (is ? Option.getOrUndefined(simulation) : undefined));

  const shop = Effect.gen(function* () {
    const serving = yield* servingModel.current;
    const runs = yield* simulated;
    const count = serving === undefined ? 0 : yield* usersOf(serving.model);
    return {
      model: serving?.model ?? null,
      items: live.size(),
      users: count,
      made_up: yield* madeUp,
      explains: serving?.blend !== undefined,
      event_types: (serving?.types.list ?? []).map(({ name, role, weight }) => ({ name, weight, role: role ?? null })),
      facets: facetsOf(live.columns),
      examples: serving === undefined ? [] : yield* examplesOf(serving, count),
      simulation: runs === undefined ? null : yield* runs.state,
    } satisfies Shop;
  }).pipe(Effect.mapError(away));

  const shoppers: StorefrontService["shoppers"] = (text) =>
    Effect.gen(function* () {
      const serving = yield* servingModel.current;
      if (serving === undefined) return { shoppers: [], looked_through: 0 };
      const count = yield* usersOf(serving.model);
      return yield* search(users, serving, count, text);
    }).pipe(Effect.mapError(away));

  const simulate: StorefrontService["simulate"] = (perSecond) =>
    Effect.gen(function* () {
      const runs = yield* simulated;
      if (runs === undefined) return yield* unsimulated;
      yield* perSecond === undefined ? runs.stop : runs.start(perSecond);
      return yield* runs.state;
    });

  return { shop, shoppers, simulate } satisfies StorefrontService as StorefrontService;
});

const unsimulated = new Conflicting({
  message: "Only `all-in-one` has made-up shoppers, and only where `generate` made the shop's data.",
});

export class Storefront extends Context.Tag("slipstream/Storefront")<Storefront, StorefrontService>() {
  static readonly layer = Layer.effect(Storefront, make);
}
