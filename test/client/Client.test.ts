/** The client against a server of this process: what it sends, and what it does about answers of every kind. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import { clientOf, type Operation, SlipstreamError, targetOf } from "../../src/client/Client.ts";

const operations = {
  find: { method: "GET", path: "/things/{id}", query: ["k", "exclude_ids", "ids"] },
  send: { method: "POST", path: "/events", query: ["on_error"], body: "application/json", lines: true, events: true },
  ask: { method: "POST", path: "/ask", query: [], body: "application/json", lines: true },
  put: { method: "PUT", path: "/things/{id}", query: [], body: "application/json" },
  all: { method: "GET", path: "/all", query: [] },
} satisfies Record<string, Operation>;

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

type Answer = (response: ServerResponse, attempt: number) => void;

const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) => {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
};

const asking = async (
  answer: Answer,
  use: (client: ReturnType<ReturnType<typeof clientOf>>, received: ReadonlyArray<Received>) => Promise<void>,
  options: { readonly timeout?: number; readonly retries?: number } = {},
) => {
  const received: Array<Received> = [];
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const { headers, method, url } = request;
      received.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      answer(response, received.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await use(clientOf(operations)({ url: `http://127.0.0.1:${port}/`, key: "secret", ...options }), received);
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

const failureOf = (promise: Promise<unknown> | undefined): Promise<SlipstreamError> =>
  (promise ?? Promise.resolve()).then(
    () => expect.fail("it should have failed"),
    (error) => error,
  );

const id = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => !/^\.\.?$/.test(text));

describe("the client", () => {
  it("puts parameters where they belong, whatever they hold", () => {
    fc.assert(
      fc.property(id, fc.array(fc.string()), fc.nat(), (id, ids, k) => {
        const url = new URL(targetOf(operations.find, { id, k, exclude_ids: ids, ids, other: 1 }), "http://shop");
        expect(decodeURIComponent(url.pathname.slice("/things/".length))).toBe(id);
        expect(url.searchParams.getAll("k")).toEqual([String(k)]);
        for (const name of ["exclude_ids", "ids"]) {
          expect(url.searchParams.getAll(name)).toEqual(ids.length === 1 ? [ids[0], ""] : ids);
        }
        expect(url.searchParams.has("other")).toBe(false);
      }),
    );
    expect(() => targetOf(operations.find, { id: ".." })).toThrow('id ".." cannot stand in a path: /things/{id}');
    expect(() => targetOf(operations.find, {})).toThrow("id is missing: /things/{id}");
  });

  it("answers what the server does, and sends key and headers", () =>
    asking(
      (response) => json(response, 200, { best: [1] }),
      async (client, received) => {
        expect(await client.find?.({ id: "a/b" }, { headers: { "x-request-id": "r1" } })).toEqual({ best: [1] });
        expect(received).toMatchObject([
          { method: "GET", url: "/things/a%2Fb", headers: { authorization: "Bearer secret", "x-request-id": "r1" } },
        ]);
      },
    ));

  it("gives bytes as they are", () =>
    asking(
      (response) => {
        response.writeHead(200, { "content-type": "application/octet-stream" }).end(Buffer.of(0, 255, 128));
      },
      async (client) => expect(await client.all?.()).toEqual(Uint8Array.of(0, 255, 128)),
    ));

  it("takes a body before parameters that can be left out, and behind those of the path", () =>
    asking(
      (response) => json(response, 200, {}),
      async (client, received) => {
        await client.send?.([{ event_id: "a" }], { on_error: "skip" }, { headers: { "x-one": "1" } });
        await client.put?.({ id: "7" }, { b: 2 }, { headers: { "x-two": "2" } });
        expect(received).toMatchObject([
          { url: "/events?on_error=skip", body: '[{"event_id":"a"}]', headers: { "x-one": "1" } },
          { url: "/things/7", body: '{"b":2}', headers: { "x-two": "2" } },
        ]);
      },
    ));

  it("tries again what may succeed later, with the same ids", () =>
    asking(
      (response, attempt) =>
        attempt === 1
          ? response.destroy()
          : attempt === 2
            ? json(response, 503, { status: 503 }, { "retry-after": "0" })
            : json(response, 202, { accepted: 2 }),
      async (client, received) => {
        const events = [
          { event_type: "click", item_id: "1" },
          { event_type: "click", item_id: "2", event_id: "mine" },
          { item_id: "3", event_id: undefined },
        ];
        expect(await client.send?.(events)).toEqual({ accepted: 2 });
        expect(received).toHaveLength(3);
        expect(new Set(received.map(({ body }) => body)).size).toBe(1);
        const sent = JSON.parse(received[0]?.body ?? "");
        expect(sent[0].event_id).toMatch(/^[\da-f-]{36}$/);
        expect(sent[1]).toEqual(events[1]);
        expect(sent[2]).toEqual({ item_id: "3", event_id: expect.stringMatching(/^[\da-f-]{36}$/) });
      },
    ));

  it("sends as it is what is no event, whatever it has", () =>
    asking(
      (response) => json(response, 200, {}),
      async (client, received) => {
        await client.ask?.([{ event_type: "click" }]);
        await client.ask?.(
          (async function* () {
            yield { event_type: "click" };
          })(),
        );
        expect(received.map(({ body }) => body.trim())).toEqual(['[{"event_type":"click"}]', '{"event_type":"click"}']);
      },
    ));

  it("fails with the problem that the server tells, once", () =>
    asking(
      (response) =>
        json(response, 400, { status: 400, detail: "k: send a number", errors: [{ field: "k", detail: "?" }] }),
      async (client, received) => {
        const error = await failureOf(client.find?.({ id: "1" }));
        expect(error).toBeInstanceOf(SlipstreamError);
        expect(error).toMatchObject({ status: 400, message: "400: k: send a number" });
        expect(error.problem?.errors).toEqual([{ field: "k", detail: "?" }]);
        expect(received).toHaveLength(1);
      },
    ));

  it("gives up in the end, and says after what", () =>
    asking(
      (response) => json(response, 503, { status: 503, detail: "not yet" }, { "retry-after": "0" }),
      async (client, received) => {
        expect(await failureOf(client.all?.())).toMatchObject({ status: 503, message: "503: not yet" });
        expect(received).toHaveLength(3);
      },
      { retries: 2 },
    ));

  it("waits no longer than it may", () =>
    asking(
      () => {},
      async (client) => {
        const error = await failureOf(client.all?.());
        expect(error.status).toBe(0);
        expect(error.message).toMatch(/^GET http:\S+\/all got no answer: no answer within 50 ms$/);
      },
      { timeout: 50, retries: 0 },
    ));

  it("stops when it is told to, and tries no more", () =>
    asking(
      (response) => json(response, 503, {}, { "retry-after": "20" }),
      async (client, received) => {
        const controller = new AbortController();
        const asked = failureOf(client.all?.({ signal: controller.signal }));
        while (received.length === 0) await new Promise(setImmediate);
        controller.abort(new Error("enough"));
        expect((await asked).message).toContain("enough");
        expect(received).toHaveLength(1);
      },
    ));

  it("sends lines as they come, and reads lines as they arrive", () =>
    asking(
      (response) => {
        response.writeHead(200, { "content-type": "application/x-ndjson" });
        response.write('{"a":"é"}\n{"b"');
        response.end(':2}\n\n{"c":3}');
      },
      async (client, received) => {
        async function* events() {
          yield { event_type: "click", item_id: "1", event_id: "one" };
          yield { event_type: "click", item_id: "2", event_id: "two" };
          yield { item_id: "3" };
        }
        const answer = (await client.send?.(events())) as AsyncIterable<unknown>;
        const values: Array<unknown> = [];
        for await (const value of answer) values.push(value);
        expect(values).toEqual([{ a: "é" }, { b: 2 }, { c: 3 }]);
        expect(received[0]?.headers["content-type"]).toBe("application/x-ndjson");
        expect(
          received[0]?.body
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line).event_id),
        ).toEqual(["one", "two", expect.stringMatching(/^[\da-f-]{36}$/)]);
      },
    ));

  it("reads answers while it sends, so that more lines pass than any buffer holds, and sends no faster than it reads", async () => {
    const total = 30_000;
    const padding = "x".repeat(1000);
    /** Answers each chunk before it reads the next, and no faster than answers are taken: as POST /recommend/batch does. */
    const server = createServer((request, response) => {
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      request.pipe(response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    try {
      let sent = 0;
      async function* lines() {
        for (; sent < total; sent++) yield { user_id: sent, padding };
      }
      const client = clientOf(operations)({ url: `http://127.0.0.1:${port}` });
      const answers = (await client.send?.(lines())) as AsyncIterable<{ readonly user_id: number }>;
      let read = 0;
      let sentAtFirst = 0;
      for await (const { user_id } of answers) {
        if (read === 0) sentAtFirst = sent;
        expect(user_id).toBe(read);
        read += 1;
      }
      expect(read).toBe(total);
      expect(sentAtFirst).toBeLessThan(total);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
