/**
 * Server: the API, served. Needs the ports and an `HttpServer` (see layers/Http); gives the programs behind the routes.
 *
 * Spans, runtime metrics and schema-encoded bodies cost more than the routes themselves, so none of them is on.
 */
import { HttpApiBuilder, HttpApiScalar, HttpMiddleware, HttpRouter } from "@effect/platform";
import { Duration, Effect, Function, Layer, RuntimeFlags } from "effect";
import { LiveCatalogue } from "../catalogue/LiveCatalogue.ts";
import { Keys } from "../keys/Keys.ts";
import { learning } from "../learning/Settings.ts";
import { Beside } from "../serving/beside/Beside.ts";
import * as Describing from "../serving/Describing.ts";
import { Events } from "../serving/Events.ts";
import { Export } from "../serving/Export.ts";
import { Forgetting } from "../serving/Forgetting.ts";
import { Health } from "../serving/Health.ts";
import { ItemCards } from "../serving/insights/ItemCard.ts";
import { ItemMap } from "../serving/insights/ItemMap.ts";
import { Items } from "../serving/items/Items.ts";
import { Listing } from "../serving/items/Listing.ts";
import { Lists } from "../serving/lists/Lists.ts";
import { Live } from "../serving/live/Live.ts";
import { Models } from "../serving/Models.ts";
import { Purchase } from "../serving/Purchase.ts";
import * as Recovery from "../serving/Recovery.ts";
import { Many } from "../serving/recommend/Many.ts";
import { Recommend } from "../serving/recommend/Recommend.ts";
import { Shared } from "../serving/recommend/Shared.ts";
import { Trace } from "../serving/recommend/trace/Trace.ts";
import { ServingModel } from "../serving/ServingModel.ts";
import { Storefront } from "../serving/storefront/Storefront.ts";
import { Past } from "../serving/users/Past.ts";
import { Studies } from "../studies/Studies.ts";
import { watchEventLoop } from "../vitals/EventLoop.ts";
import { Vitals } from "../vitals/Vitals.ts";
import { apiOf } from "./Api.ts";
import * as ConsoleRoutes from "./ConsoleRoutes.ts";
import * as BatchHandlers from "./handlers/Batch.ts";
import * as ConsoleHandlers from "./handlers/Console.ts";
import * as DeadLettersHandlers from "./handlers/DeadLetters.ts";
import * as EventsHandlers from "./handlers/Events.ts";
import * as ForgettingHandlers from "./handlers/Forgetting.ts";
import * as InsightsHandlers from "./handlers/Insights.ts";
import * as ItemsHandlers from "./handlers/Items.ts";
import * as ListsHandlers from "./handlers/Lists.ts";
import * as LiveHandlers from "./handlers/Live.ts";
import * as ModelsHandlers from "./handlers/Models.ts";
import * as RecommendationsHandlers from "./handlers/Recommendations.ts";
import * as ServiceHandlers from "./handlers/Service.ts";
import * as StudiesHandlers from "./handlers/Studies.ts";
import * as UsersHandlers from "./handlers/Users.ts";
import * as Guard from "./middleware/Guard.ts";
import { docsPath, openApiPath } from "./Routes.ts";
import { http } from "./Settings.ts";
import { maxPathLength } from "./Target.ts";

/** The programs behind the routes, over the ports. */
export const programs = Layer.mergeAll(
  Beside.layer,
  ItemCards.layer,
  ItemMap.layer,
  Many.layer,
  Trace.layer,
  Past.layer,
  Purchase.layer,
  Health.layer,
  Forgetting.layer,
  Export.layer,
  Listing.layer,
  Describing.layer,
  Recovery.layer,
).pipe(
  Layer.provideMerge(Lists.layer),
  Layer.provideMerge(Recommend.layer),
  Layer.provideMerge(Events.layer),
  Layer.provide(Shared.layer),
  Layer.provideMerge(Items.layer),
  Layer.provideMerge(ServingModel.layer),
  Layer.provideMerge(LiveCatalogue.layer),
);

/** Whether a path exists is Guard's to say, and as it is spelled; the router only finds its handler. */
const router = {
  caseSensitive: true,
  ignoreTrailingSlash: false,
  ignoreDuplicateSlashes: false,
  maxParamLength: 3 * maxPathLength,
};

/** Nothing is asked of any other host; beside an operation stand our own samples alone. */
const scalar = {
  withDefaultFonts: false,
  hideModels: false,
  showDeveloperTools: "never",
  hideClientButton: true,
  hiddenClients: true,
  telemetry: false,
};

/** Unknown members of a request are ignored, and answers may grow: so the document allows them. */
const documents = Layer.mergeAll(
  HttpApiBuilder.middlewareOpenApi({ path: openApiPath, additionalPropertiesStrategy: "allow" }),
  HttpApiScalar.layer({ path: docsPath, scalar }),
);

/** The API as it is set, of which the documents tell; its routes are the same whatever the types of events are. */
const handlers = Layer.unwrapEffect(
  Effect.map(Effect.all([learning.eventTypes.config, Keys]), ([types, { needed }]) =>
    HttpApiBuilder.api(apiOf(types, needed())),
  ),
).pipe(
  Layer.provide([
    RecommendationsHandlers.layer,
    ListsHandlers.layer,
    EventsHandlers.layer,
    InsightsHandlers.layer,
    ItemsHandlers.layer,
    ForgettingHandlers.layer,
    UsersHandlers.layer,
    ModelsHandlers.layer,
    DeadLettersHandlers.layer,
    Layer.provide(StudiesHandlers.layer, Studies.layer),
    BatchHandlers.layer,
    LiveHandlers.layer,
    Layer.provide(ConsoleHandlers.layer, Storefront.layer),
    ServiceHandlers.layer,
  ]),
);

/** First of all when the server stops: it says so to whoever asks, for DRAIN_DELAY, and still takes requests; consoles are let go then. */
const farewell = Layer.scopedDiscard(
  Effect.gen(function* () {
    const { stopping } = yield* Vitals;
    const { end } = yield* Live;
    yield* watchEventLoop;
    const delay = yield* http.drainDelay.config;
    stopping.now = false;
    yield* Effect.addFinalizer(() => {
      stopping.now = true;
      return Effect.zipRight(Duration.isZero(delay) ? Effect.void : Effect.sleep(delay), end);
    });
  }),
);

/** Listens until its scope closes. */
export const layer = Layer.provideMerge(farewell, HttpApiBuilder.serve()).pipe(
  Layer.provide([documents, ConsoleRoutes.layer, Guard.layer]),
  Layer.provide(handlers),
  Layer.provideMerge(Keys.layer),
  Layer.provide([HttpRouter.setRouterConfig(router), RuntimeFlags.disableRuntimeMetrics]),
  HttpMiddleware.withTracerDisabledWhen(Function.constTrue),
  Layer.provide(Layer.provideMerge(Live.layer, Models.layer)),
  Layer.provideMerge(programs),
);
