/** Api: the HTTP API as a value: every route, parameter, answer and error. One file per group is in `api/`. */
import { HttpApi, OpenApi } from "@effect/platform";
import { version } from "../../package.json";
import { defaultEventTypes, type EventTypes } from "../domain/EventTypes.ts";
import { batch } from "./api/Batch.ts";
import { console } from "./api/Console.ts";
import { deadLetters } from "./api/DeadLetters.ts";
import { eventsOf } from "./api/Events.ts";
import { forgetting } from "./api/Forgetting.ts";
import { insights } from "./api/Insights.ts";
import { items } from "./api/Items.ts";
import { lists } from "./api/Lists.ts";
import { live } from "./api/Live.ts";
import { models } from "./api/Models.ts";
import { schemes } from "./api/Needs.ts";
import { recommendationsOf } from "./api/Recommendations.ts";
import { service } from "./api/Service.ts";
import { studies } from "./api/Studies.ts";
import { users } from "./api/Users.ts";
import { withChoices } from "./Choices.ts";
import { InternalError, InvalidRequest, MissingScope, TooManyRequests, Unauthorized } from "./Problem.ts";
import { samplesOf } from "./Samples.ts";

const problemType = "application/problem+json";

/** Not of what anybody may ask. */
const ofKeys = ["401", "403", "429"];

/** HttpApi declares its own decoding error for status 400; what is really sent is always an InvalidRequest. */
const onlyOurErrors =
  (keyed: boolean) =>
  (spec: Record<string, unknown>): Record<string, unknown> => {
    const { paths, components, ...rest } = spec as unknown as OpenApi.OpenAPISpec;
    const { HttpApiDecodeError: _1, Issue: _2, PropertyKey: _3, ...schemas } = components.schemas;
    const problem = {
      description: "A parameter or the body is not as it should be. Nothing was changed.",
      content: { [problemType]: { schema: { $ref: "#/components/schemas/InvalidRequest" } } },
    };
    /** Of two problems of one status the builder loses the media type. */
    const asProblem = ([status, response]: [string, OpenApi.OpenApiSpecResponse]) => {
      const content = Number(status) >= 400 ? response.content?.["application/json"] : undefined;
      return [status, content === undefined ? response : { ...response, content: { [problemType]: content } }];
    };
    const withProblem = (path: string, method: string, { responses, ...operation }: OpenApi.OpenAPISpecOperation) => {
      const answered = Object.entries(responses).filter(
        ([status]) => operation.security.length > 0 || !ofKeys.includes(status),
      );
      const { 400: invalid, ...others } = Object.fromEntries(answered.map(asProblem));
      const declared = JSON.stringify(invalid ?? "").includes("InvalidRequest");
      const samples = samplesOf(method.toUpperCase(), path, { ...operation, responses }, schemas);
      const security = keyed || operation.security.length === 0 ? operation.security : [{}, ...operation.security];
      return {
        ...operation,
        security,
        responses: declared ? { ...others, 400: problem } : others,
        "x-codeSamples": samples,
      };
    };
    const changed = Object.entries(paths).map(([path, item]) => [
      path,
      Object.fromEntries(
        Object.entries(item).map(([method, operation]) => [method, withProblem(path, method, operation)]),
      ),
    ]);
    return {
      ...rest,
      paths: Object.fromEntries(changed),
      components: { ...components, schemas: withChoices(schemas), securitySchemes: schemes },
    };
  };

/** `types`: of the events that are taken. `keyed`: whether callers need a key; else they may do without. */
export const apiOf = (types: EventTypes, keyed = true) =>
  HttpApi.make("slipstream")
    .add(recommendationsOf(types))
    .add(lists)
    .add(eventsOf(types))
    // Before items, of which one may be called as its path is.
    .add(insights)
    .add(items)
    .add(users)
    .add(forgetting)
    .add(models)
    .add(deadLetters)
    .add(batch)
    .add(studies)
    .add(live)
    .add(console)
    .add(service)
    .addError(InvalidRequest)
    .addError(Unauthorized)
    .addError(MissingScope)
    .addError(TooManyRequests)
    .addError(InternalError)
    .annotate(OpenApi.Title, "Slipstream")
    .annotate(OpenApi.Version, version)
    .annotate(
      OpenApi.Description,
      "Recommendations that learn from every click. Every error is RFC 9457 problem details (application/problem+json). Where the shop has keys, each request needs one with the scope that its endpoint lists; where it has none, none is asked for.",
    )
    .annotate(OpenApi.License, { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" })
    .annotate(OpenApi.Transform, onlyOurErrors(keyed));

/** Its routes, whatever the types are: what is in a body, the programs judge. */
export class Api extends apiOf(defaultEventTypes) {}
