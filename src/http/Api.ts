/** Api: the HTTP API as a value: every route, parameter, answer and error. Its handlers are in `Handlers.ts`. */
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform";
import { Schema } from "effect";
import { version } from "../../package.json";
import { Answer } from "../serving/Answer.ts";
import { EventBody, key } from "../serving/EventInput.ts";
import { Ready } from "../serving/Health.ts";
import { Token } from "../serving/Token.ts";
import {
  BodyTooLarge,
  ForeignOrigin,
  InternalError,
  InvalidRequest,
  MisdirectedRequest,
  NotFound,
  NotReady,
  Unavailable,
  UnsupportedMediaType,
  UriTooLong,
} from "./Problem.ts";

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true });

const says = (wanted: string) => ({ message: () => ({ message: `send ${wanted}`, override: true }) });

// One number has one spelling: no sign, no leading zero, nothing that only JavaScript takes for a number.
const k = Schema.String.pipe(
  Schema.pattern(/^[1-9]\d*$/),
  Schema.compose(Schema.NumberFromString),
  Schema.between(1, 50),
).annotations({
  ...says("a whole number from 1 to 50"),
  description: "How many items at most.",
  jsonSchema: { type: "integer", minimum: 1, maximum: 50, default: 10, description: "How many items at most." },
});

const name = (description: string) =>
  Schema.String.annotations({ ...says("one name"), description, jsonSchema: { type: "string", description } });

const list = (what: string) => {
  const description = `${what} Given once: a list with commas between its entries. Given more than once: each is one whole value, commas and all, and an empty one is none; so to name a single value that has a comma, give the parameter a second time, empty.`;
  return Schema.Array(Schema.String).annotations({
    description,
    jsonSchema: { type: "array", items: { type: "string" }, description },
  });
};

const seen = Schema.Literal("bought", "none").annotations({
  ...says("bought or none"),
  description: "What to leave out of what the user has had to do with: all they ever bought, or nothing.",
  jsonSchema: {
    type: "string",
    enum: ["bought", "none"],
    default: "bought",
    description: "What to leave out of what the user has had to do with: all they ever bought, or nothing.",
  },
});

const after = Token.annotations({
  ...says("the token of an answer of POST /events, as it was given"),
  description: "Token of POST /events: the answer waits, at most WAIT_AFTER, until those events are applied.",
  jsonSchema: { type: "string", description: "Token of POST /events: waits, at most WAIT_AFTER, until it is applied." },
});

export const RecommendParams = Schema.Struct({
  k: optional(k),
  product_group: optional(name("Only items of this product_group_name.")),
  product_type: optional(name("Only items of this product_type_name.")),
  exclude_ids: optional(list("Article ids, or item indices where no article id is a whole number, to leave out.")),
  exclude_groups: optional(list("Values of product_group_name to leave out.")),
  exclude_types: optional(list("Values of product_type_name to leave out.")),
  seen: optional(seen),
  after: optional(after),
}).annotations({ parseOptions: { errors: "all" } });

export const EventsAnswer = Schema.Struct({
  accepted: Schema.Int,
  event_ids: Schema.Array(Schema.String).annotations({ description: "In the order of the events." }),
  token: Schema.String.annotations({ description: "For GET /recommend/{user_id}?after=." }),
}).annotations({ identifier: "EventsAnswer", ...HttpApiSchema.annotations({ status: 202 }) });

const recommend = HttpApiEndpoint.get("recommend", "/recommend/:user_id")
  .setPath(Schema.Struct({ user_id: key(256) }).annotations({ parseOptions: { errors: "all" } }))
  .setUrlParams(RecommendParams)
  .addSuccess(Answer)
  .addError(UriTooLong)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "Recommend items to a user")
  .annotate(
    OpenApi.Description,
    "user_id is the shop's own customer id or, where no customer's id is a whole number, the internal index. What the user ever bought is left out, unless seen=none says otherwise; so is what the shop's items file lacks. An answer has k items while k are eligible: by the user's taste, then what is trending, then all others by their buyers. An unknown user gets what is trending. While the user store fails, what was bought is not known.",
  );

const events = HttpApiEndpoint.post("events", "/events")
  .setPayload(EventBody)
  .addSuccess(EventsAnswer)
  .addError(ForeignOrigin)
  .addError(NotFound)
  .addError(BodyTooLarge)
  .addError(UnsupportedMediaType)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "Tell what users did")
  .annotate(
    OpenApi.Description,
    "One event or a list; nothing of a list is accepted when one is wrong. Accepted events are durable and are learnt from within a second. An event with an article id that no model knows is accepted, and kept among the dead letters if it is still unknown when its turn comes.",
  );

const live = HttpApiEndpoint.get("live", "/health/live")
  .addSuccess(Schema.Struct({ status: Schema.Literal("live") }).annotations({ identifier: "Live" }))
  .annotate(OpenApi.Summary, "Whether the process runs");

const ready = HttpApiEndpoint.get("ready", "/health/ready")
  .addSuccess(Ready)
  .addError(NotReady)
  .annotate(OpenApi.Summary, "Whether it can serve")
  .annotate(OpenApi.Description, "Asks each store, with the latency of each, and names the serving model.");

const metrics = HttpApiEndpoint.get("metrics", "/metrics")
  .addSuccess(HttpApiSchema.Text({ contentType: "text/plain" }))
  .annotate(OpenApi.Summary, "Counters and gauges in Prometheus's text format");

const welcome = HttpApiEndpoint.get("welcome", "/")
  .addSuccess(HttpApiSchema.Text({ contentType: "text/plain" }))
  .addError(MisdirectedRequest)
  .annotate(OpenApi.Summary, "What to try");

type Operation = { responses: Record<string, unknown> };

/** HttpApi declares its own decoding error for status 400; what is really sent is always an InvalidRequest. */
const onlyOurErrors = (spec: Record<string, unknown>): Record<string, unknown> => {
  const { paths, components, ...rest } = spec as unknown as OpenApi.OpenAPISpec;
  const { HttpApiDecodeError: _1, Issue: _2, PropertyKey: _3, ...schemas } = components.schemas;
  const problem = {
    description: "A parameter or the body is not as it should be. Nothing was changed.",
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/InvalidRequest" } } },
  };
  const withProblem = ({ responses, ...operation }: Operation) => {
    const { 400: invalid, ...others } = responses;
    const declared = JSON.stringify(invalid ?? "").includes("InvalidRequest");
    return { ...operation, responses: declared ? { ...others, 400: problem } : others };
  };
  const changed = Object.entries(paths).map(([path, item]) => [
    path,
    Object.fromEntries(Object.entries(item).map(([method, operation]) => [method, withProblem(operation as never)])),
  ]);
  return { ...rest, paths: Object.fromEntries(changed), components: { ...components, schemas } };
};

export class Api extends HttpApi.make("slipstream")
  .add(
    HttpApiGroup.make("recommendations", { topLevel: true })
      .add(recommend)
      .annotate(OpenApi.Description, "What to show to a user."),
  )
  .add(
    HttpApiGroup.make("events", { topLevel: true })
      .add(events)
      .annotate(OpenApi.Description, "What users did; the model learns from it at once."),
  )
  .add(
    HttpApiGroup.make("service", { topLevel: true })
      .add(welcome)
      .add(live)
      .add(ready)
      .add(metrics)
      .annotate(OpenApi.Description, "The process itself."),
  )
  .addError(InvalidRequest)
  .addError(InternalError)
  .annotate(OpenApi.Title, "Slipstream")
  .annotate(OpenApi.Version, version)
  .annotate(
    OpenApi.Description,
    "Recommendations that learn from every click. Every error is RFC 9457 problem details (application/problem+json).",
  )
  .annotate(OpenApi.License, { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" })
  .annotate(OpenApi.Transform, onlyOurErrors) {}
