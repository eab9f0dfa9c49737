/**
 * Server: the API, served. Needs the ports and an `HttpServer` (see layers/Http); gives the programs behind the routes.
 *
 * Spans, runtime metrics and schema-encoded bodies cost more than the routes themselves, so none of them is on.
 */
import { HttpApiBuilder, HttpApiSwagger, HttpMiddleware, HttpRouter, OpenApi } from "@effect/platform";
import { Function, Layer, RuntimeFlags } from "effect";
import { Api } from "./Api.ts";
import { Events } from "./Events.ts";
import * as Guard from "./Guard.ts";
import * as Handlers from "./Handlers.ts";
import { Health } from "./Health.ts";
import { Recommend } from "./Recommend.ts";
import { ServingModel } from "./ServingModel.ts";

/** The programs behind the routes, over the ports. */
export const programs = Layer.mergeAll(Recommend.layer, Events.layer, Health.layer).pipe(
  Layer.provideMerge(ServingModel.layer),
);

/** The OpenAPI document. Unknown members of a request are ignored, and answers may grow: so they are allowed. */
export const openApi: OpenApi.OpenAPISpec = OpenApi.fromApi(Api as never, { additionalPropertiesStrategy: "allow" });

const maxParamLength = 2048;

const documents = Layer.mergeAll(
  HttpApiBuilder.middlewareOpenApi({ path: Guard.openApiPath, additionalPropertiesStrategy: "allow" }),
  HttpApiSwagger.layer({ path: Guard.docsPath }),
);

/** Listens until its scope closes. */
export const layer = HttpApiBuilder.serve().pipe(
  Layer.provide([documents, Guard.layer]),
  Layer.provide(Handlers.layer),
  Layer.provide([HttpRouter.setRouterConfig({ maxParamLength }), RuntimeFlags.disableRuntimeMetrics]),
  HttpMiddleware.withTracerDisabledWhen(Function.constTrue),
  Layer.provideMerge(programs),
);
