import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { makeShop } from "../serving/Shop.ts";
import { served } from "./Served.ts";

type Json = Record<string, unknown>;

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: ReadonlyArray<{
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: Json;
    readonly description?: string;
  }>;
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, Json>> }>
  >;
  readonly "x-also-takes"?: ReadonlyArray<string>;
  readonly "x-codeSamples": ReadonlyArray<{ readonly label: string; readonly source: string }>;
  readonly requestBody?: { readonly required: boolean; readonly content: Json };
}

interface Document {
  readonly openapi: string;
  readonly info: Json;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Json };
}

const references = (value: unknown): ReadonlyArray<string> =>
  Array.isArray(value)
    ? value.flatMap(references)
    : typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([name, inner]) => (name === "$ref" ? [String(inner)] : references(inner)))
      : [];

const inShop = <A, E>(use: (document: Document, docs: string) => Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const shop = yield* makeShop();
    shop.addModel("a");
    return yield* served(shop, "a", (ask) =>
      Effect.gen(function* () {
        const reply = yield* ask("/openapi.json");
        expect(reply.type).toMatch(/^application\/json/);
        const docs = yield* ask("/docs");
        expect(docs.type).toMatch(/^text\/html/);
        return yield* use(reply.body as unknown as Document, docs.text);
      }),
    );
  });

describe("the OpenAPI document", () => {
  it.live("names every route with every status it answers", () =>
    inShop(({ openapi, paths }) =>
      Effect.sync(() => {
        expect(openapi).toBe("3.1.0");
        const statuses = Object.fromEntries(
          Object.entries(paths).flatMap(([path, item]) =>
            Object.entries(item).map(([method, { responses }]) => [`${method} ${path}`, Object.keys(responses).sort()]),
          ),
        );
        expect(statuses).toEqual({
          "get /": ["200", "400", "421", "500"],
          "delete /users/{user_id}": ["202", "400", "401", "403", "414", "421", "429", "500", "503"],
          "get /users/{user_id}/export": ["200", "400", "401", "403", "414", "421", "429", "500", "503"],
          "get /receipts/{receipt}": ["200", "400", "401", "403", "404", "414", "421", "429", "500", "503"],
          "get /console/shop": ["200", "400", "401", "403", "421", "429", "500", "503"],
          "get /console/shoppers": ["200", "400", "401", "403", "421", "429", "500", "503"],
          "get /console/items": ["200", "400", "401", "403", "421", "429", "500", "503"],
          "post /console/simulation": ["202", "400", "401", "403", "409", "413", "415", "421", "429", "500"],
          "get /models": ["200", "400", "401", "403", "421", "429", "500", "503"],
          "get /models/{model_id}": ["200", "400", "401", "403", "404", "414", "421", "429", "500", "503"],
          "post /models/{model_id}/use": ["202", "400", "401", "403", "404", "409", "414", "421", "429", "500", "503"],
          "delete /models/{model_id}": ["204", "400", "401", "403", "404", "409", "414", "421", "429", "500", "503"],
          "get /batch": ["200", "400", "401", "403", "421", "429", "500"],
          "post /batch": ["202", "400", "401", "403", "409", "421", "429", "500", "503"],
          "get /tuning": ["200", "400", "401", "403", "421", "429", "500"],
          "post /tuning": ["202", "400", "401", "403", "409", "421", "429", "500", "503"],
          "get /evaluation": ["200", "400", "401", "403", "421", "429", "500"],
          "post /evaluation": ["202", "400", "401", "403", "409", "421", "429", "500", "503"],
          "get /live": ["200", "400", "401", "403", "421", "429", "500", "503"],
          "get /dead-letters": ["200", "400", "401", "403", "421", "429", "500", "503"],
          "post /dead-letters/replay": ["200", "400", "401", "403", "409", "421", "429", "500", "503"],
          "delete /dead-letters": ["200", "400", "401", "403", "421", "429", "500", "503"],
          "get /snippet.js": ["200", "400", "421", "500"],
          "get /metrics": ["200", "400", "401", "403", "429", "500"],
          "get /recommend/{user_id}": ["200", "400", "401", "403", "414", "421", "429", "500", "503"],
          "post /recommend/{user_id}": ["200", "400", "401", "403", "413", "414", "415", "421", "429", "500", "503"],
          "post /recommend/batch": ["200", "400", "401", "403", "413", "415", "421", "429", "500", "503"],
          "post /trace": ["200", "400", "401", "403", "413", "415", "421", "429", "500", "503"],
          "post /recommend": ["200", "400", "401", "403", "413", "415", "421", "429", "500", "503"],
          "post /events": ["202", "400", "401", "403", "404", "409", "413", "415", "421", "422", "429", "500", "503"],
          "post /events/purchase": [
            "202",
            "400",
            "401",
            "403",
            "404",
            "409",
            "413",
            "415",
            "421",
            "422",
            "429",
            "500",
            "503",
          ],
          "get /users/{user_id}/profile": ["200", "400", "401", "403", "404", "414", "421", "429", "500", "503"],
          "get /users/{user_id}/history": ["200", "400", "401", "403", "404", "414", "421", "429", "500", "503"],
          "get /items": ["200", "400", "401", "403", "421", "429", "500", "503"],
          "post /items": ["200", "400", "401", "403", "409", "413", "415", "421", "422", "429", "500", "503"],
          "get /items/{item_id}": ["200", "400", "401", "403", "404", "414", "421", "429", "500", "503"],
          "get /map": ["200", "400", "401", "403", "421", "429", "500", "503"],
          "get /map/columns": ["200", "400", "401", "403", "421", "429", "500", "503"],
          "get /items/{item_id}/card": ["200", "400", "401", "403", "404", "414", "421", "429", "500", "503"],
          "get /items/{item_id}/similar": ["200", "400", "401", "403", "404", "414", "421", "429", "500", "503"],
          "get /items/{item_id}/bought-together": [
            "200",
            "400",
            "401",
            "403",
            "404",
            "414",
            "421",
            "429",
            "500",
            "503",
          ],
          "get /trending": ["200", "400", "401", "403", "421", "429", "500", "503"],
          "put /items/{item_id}": ["200", "201", "400", "401", "403", "413", "414", "415", "421", "429", "500", "503"],
          "patch /items/{item_id}": [
            "200",
            "400",
            "401",
            "403",
            "404",
            "413",
            "414",
            "415",
            "421",
            "429",
            "500",
            "503",
          ],
          "delete /items/{item_id}": ["204", "400", "401", "403", "404", "414", "421", "429", "500", "503"],
          "get /health/live": ["200", "400", "500"],
          "get /health/ready": ["200", "400", "500", "503"],
        });
      }),
    ),
  );

  it.live(
    "is sound: references resolve, ids are unique, path parameters are declared, errors are problem details",
    () =>
      inShop((document) =>
        Effect.sync(() => {
          for (const reference of references(document)) {
            expect(reference).toMatch(/^#\/components\/schemas\//);
            expect(Object.keys(document.components.schemas)).toContain(reference.split("/").at(-1));
          }
          const operations = Object.entries(document.paths).flatMap(([path, item]) =>
            Object.values(item).map((operation) => [path, operation] as const),
          );
          expect(new Set(operations.map(([, { operationId }]) => operationId)).size).toBe(operations.length);
          for (const [path, { parameters, responses, summary }] of operations) {
            expect(summary).toBeTruthy();
            const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
            expect(parameters.filter((p) => p.in === "path" && p.required).map(({ name }) => name)).toEqual(inPath);
            for (const parameter of parameters) expect(parameter.description, parameter.name).toBeTruthy();
            for (const [status, { description, content }] of Object.entries(responses)) {
              expect(description).toBeTruthy();
              if (Number(status) >= 400) expect(Object.keys(content ?? {})).toEqual(["application/problem+json"]);
            }
          }
          expect(JSON.stringify(document)).not.toContain("HttpApiDecodeError");
        }),
      ),
  );

  it.live("declares the parameters of a recommendation and the body of events", () =>
    inShop(({ paths, components }) =>
      Effect.sync(() => {
        const { parameters } = paths["/recommend/{user_id}"].get;
        expect(parameters.map(({ name }) => name)).toEqual([
          "user_id",
          "k",
          "filter",
          "product_group",
          "product_type",
          "exclude_ids",
          "exclude_groups",
          "exclude_types",
          "seen",
          "min_score",
          "rotation",
          "diversity_lambda",
          "variants",
          "explain",
          "explain_top_k",
          "seed",
          "after",
          "page",
        ]);
        expect(parameters.find(({ name }) => name === "seen")?.schema).toMatchObject({
          enum: ["bought", "seen", "shown", "none"],
        });
        expect(components.schemas.Recommendation).toMatchObject({
          properties: { source: { enum: ["personalized", "trending", "catalogue", "new", "similar", "followers"] } },
          required: ["item_idx", "score", "source", "metadata"],
        });
        expect(parameters.find(({ name }) => name === "k")?.schema).toMatchObject({
          minimum: 1,
          maximum: 100,
          default: 10,
        });
        const list = parameters.find(({ name }) => name === "exclude_groups");
        expect(list?.schema).toMatchObject({ type: "array", items: { type: "string" } });
        expect(list?.description).toMatch(/more than once: each is one whole value/);
        expect(paths["/events"].post.requestBody?.required).toBe(true);
        expect(paths["/events"].post["x-also-takes"]).toContain("application/x-ndjson");
        expect(paths["/events"].post.parameters.map(({ name }) => name)).toEqual(["on_error", "idempotency-key"]);
        const one = (...names: ReadonlyArray<string>) => ({ anyOf: names.map((name) => ({ required: [name] })) });
        expect(components.schemas.Event).toMatchObject({
          required: ["event_type"],
          allOf: [one("user_id", "user_idx"), one("item_id", "item_idx")],
        });
        expect(components.schemas.ContextItem).toMatchObject(one("item_id", "item_idx"));
        // Neither is known to most that generate clients.
        expect(JSON.stringify(components.schemas)).not.toContain("\\\\p{");
        expect(JSON.stringify({ components, paths })).not.toMatch(/"items":(?:true|false)|"prefixItems"/);
      }),
    ),
  );

  it.live("shows how each operation is asked, its body by an example", () =>
    inShop(({ paths }) =>
      Effect.sync(() => {
        const samples = paths["/events"].post["x-codeSamples"];
        expect(samples.map(({ label }) => label)).toEqual(["curl", "TypeScript", "Python"]);
        const [curl, typescript, python] = samples.map(({ source }) => source);
        expect(curl).toBe(`curl -X POST 'http://localhost:8000/events' \\
  -H 'content-type: application/json' \\
  -d '{"user_id":"42","item_id":"0108775015","event_type":"click","quantity":1}'`);
        expect(typescript).toContain(
          'shop.events({ user_id: "42", item_id: "0108775015", event_type: "click", quantity: 1 })',
        );
        expect(python).toContain('data=json.dumps({"user_id": "42", "item_id": "0108775015"');
        for (const [path, item] of Object.entries(paths)) {
          for (const [method, { parameters, requestBody, "x-codeSamples": all }] of Object.entries(item)) {
            expect(all, path).toHaveLength(3);
            for (const { name } of parameters.filter((one) => one.in === "query" && one.required === true)) {
              expect(all[0]?.source, `${method} ${path}`).toMatch(new RegExp(`[?&]${name}=[^&']+`));
              expect(all[1]?.source, `${method} ${path}`).toMatch(new RegExp(`[{,] ${name}: "`));
              expect(all[2]?.source, `${method} ${path}`).toMatch(new RegExp(`[?&]${name}=[^&"]+`));
            }
            if (requestBody !== undefined) expect(all[0]?.source, `${method} ${path}`).not.toContain("-d '{}'");
          }
        }
      }),
    ),
  );

  it.live("shows calls that come to an end, and bytes as such", () =>
    inShop(({ paths }) =>
      Effect.sync(() => {
        const sourcesOf = (path: string) => paths[path].get["x-codeSamples"].map(({ source }) => source);
        const [watch, watched] = sourcesOf("/live");
        expect(watch).toBe("curl 'http://localhost:8000/live?states=1'");
        expect(watched).toContain("shop.watch({ states: 1 })");
        const [columns, , read] = sourcesOf("/map/columns");
        expect(columns).toBe("curl 'http://localhost:8000/map/columns' --output answer.bin");
        expect(read).toContain("print(len(answer.read()))");
      }),
    ),
  );

  it.live("has a page that loads nothing from anywhere", () =>
    inShop((_, docs) =>
      Effect.sync(() => {
        const head = docs.slice(0, docs.lastIndexOf("<script>"));
        expect(head).not.toMatch(/<(?:script|link)[^>]+(?:src|href)=/);
        expect(docs).not.toMatch(/<script[^>]+src=["']?(?:https?:)?\/\//);
        expect(docs).toContain('id="api-reference"');
      }),
    ),
  );
});
