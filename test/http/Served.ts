/** A real server on a free port over a test's shop, and a client that reads what a shopper's program would read. */
import { HttpServer } from "@effect/platform";
import { expect } from "@effect/vitest";
import { ConfigProvider, Effect, Layer, Logger, Schema, Stream } from "effect";
import * as NodeServer from "../../layers/Http/Node.ts";
import { problems } from "../../src/http/Problem.ts";
import * as Server from "../../src/http/Server.ts";
import { http } from "../../src/http/Settings.ts";
import { ServingModel } from "../../src/serving/ServingModel.ts";
import { makeShop, type Shop } from "../serving/Shop.ts";

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly type: string;
  // Tests look into bodies freely; each asserts what it reads.
  readonly body: Record<string, unknown>;
}

export type Ask = (path: string, init?: RequestInit) => Effect.Effect<Reply>;

const askAt =
  (base: string): Ask =>
  (path, init) =>
    Effect.promise(async (signal) => {
      const response = await fetch(`${base}${path}`, { signal, ...init });
      const text = await response.text();
      const type = response.headers.get("content-type") ?? "";
      return {
        status: response.status,
        headers: response.headers,
        text,
        type,
        body: /[/+]json\b/.test(type) && text !== "" ? JSON.parse(text) : {},
      };
    });

export const settings = (over: Record<string, string> = {}) =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries({ PORT: "0", ...over }))));

export const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: typeof body === "string" ? body : JSON.stringify(body),
});

/** Runs `use` against the shop's server; `model` must serve before it starts, unless it is undefined. */
export const served = <A, E>(
  shop: Shop,
  model: string | undefined,
  use: (ask: Ask, base: string) => Effect.Effect<A, E>,
  over: Record<string, string> = {},
) =>
  Effect.gen(function* () {
    yield* shop.serve(model);
    const { changes } = yield* ServingModel;
    yield* Stream.runDrain(Stream.takeUntil(changes, (serving) => serving?.model === model));
    const { address } = yield* HttpServer.HttpServer;
    const base = address._tag === "TcpAddress" ? `http://127.0.0.1:${address.port}` : "";
    return yield* use(askAt(base), base);
  }).pipe(
    Effect.provide(
      Server.layer.pipe(
        Layer.provideMerge(NodeServer.layer(http)),
        Layer.provide(shop.layer),
        Layer.provide([settings(over), Logger.remove(Logger.defaultLogger)]),
      ),
    ),
  );

/** A shop whose model "a" serves, with "b" beside it, three best sellers, and a server over it. */
export const inShop = <A, E>(
  use: (ask: Ask, shop: Shop, base: string) => Effect.Effect<A, E>,
  over?: Record<string, string>,
) =>
  Effect.gen(function* () {
    const shop = yield* makeShop();
    shop.addModel("a");
    shop.addModel("b");
    shop.control.popular = {
      asOf: 0,
      windowDays: 30,
      items: [7, 3, 5].map((itemIdx, n) => ({ itemIdx, buyers: 50 - n })),
    };
    return yield* served(shop, "a", (ask, base) => use(ask, shop, base), over);
  });

const decodeProblem = Schema.decodeUnknownSync(Schema.Union(...problems), { onExcessProperty: "error" });

/** An error is problem details with this status, and says nothing of the inside. */
export const expectProblem = (reply: Reply, status: number, said: RegExp = /./) => {
  expect(reply.status, reply.text).toBe(status);
  expect(reply.type).toBe("application/problem+json");
  expect(decodeProblem(reply.body)).toMatchObject({ status, instance: expect.any(String) });
  expect(reply.body.request_id).toBe(reply.headers.get("x-request-id"));
  expect(reply.text).toMatch(said);
  expect(reply.text).not.toMatch(/ at .*:\d+:\d+|node_modules|secret/);
};

export const fieldsOf = (reply: Reply) =>
  (reply.body.errors as ReadonlyArray<{ field: string }>).map(({ field }) => field);
