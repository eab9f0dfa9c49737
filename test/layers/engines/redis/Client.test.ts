import { type AddressInfo, createServer } from "node:net";
import { inspect } from "node:util";
import { expect, it } from "@effect/vitest";
import { Cause, ConfigProvider, Effect, Logger, Redacted } from "effect";
import fc from "fast-check";
import { parseRedisUrl } from "../../../../layers/engines/redis/Address.ts";
import { layer, Redis } from "../../../../layers/engines/redis/Client.ts";
import { describeFailure } from "../../../../src/cli/Failure.ts";
import { check } from "../../../../src/vitals/Check.ts";

/** A server that refuses every command with all that it was told, passwords included. */
const tellTale = Effect.acquireRelease(
  Effect.async<{ readonly port: number; readonly close: () => void }>((resume) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.setEncoding("utf8").on("data", (text: string) => {
        const said = text.replaceAll(/\s+/g, " ");
        for (const _ of text.matchAll(/^\*\d+\r$/gm)) socket.write(`-ERR cannot ${said}\r\n`);
      });
    });
    server.listen(0, "127.0.0.1", () =>
      resume(Effect.succeed({ port: (server.address() as AddressInfo).port, close: () => void server.close() })),
    );
  }),
  ({ close }) => Effect.sync(close),
);

/** Everything that is said of a command that fails: in the log, on the health page, at the end. */
const saidOf = (settings: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const said: Array<string> = [];
    const logger = Logger.make(({ cause, message }) => {
      said.push(inspect([message, Cause.pretty(cause)], { depth: 20 }));
    });
    const exit = yield* Effect.flatMap(Redis, ({ use }) => use((connection) => connection.get("key"))).pipe(
      Effect.sandbox,
      Effect.flip,
      Effect.provide(layer),
      Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(settings)))),
    );
    const detail = yield* check(Effect.failCause(exit));
    return [...said, inspect([exit, detail], { depth: 20 }), Cause.pretty(exit), describeFailure(exit)].join("\n");
  });

const word = fc.string({ unit: fc.constantFrom(..."abcXYZ019@:/?#%&=+$^|~"), minLength: 6, maxLength: 20 });

it.live("says neither user nor password, whatever the server says", () =>
  Effect.gen(function* () {
    const { port } = yield* tellTale;
    yield* Effect.forEach(
      fc.sample(fc.tuple(word, word), 20),
      ([user, password]) =>
        Effect.gen(function* () {
          const url = `redis://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${port}`;
          const said = yield* saidOf({ REDIS_URL: url });
          expect(said).toContain(`Redis at 127.0.0.1:${port}`);
          for (const secret of [user, password]) expect(said).not.toContain(secret);
        }),
      { concurrency: "unbounded" },
    );
    const said = yield* saidOf({ REDIS_URL: `redis://127.0.0.1:${port}`, REDIS_PASSWORD: "hunter2" });
    expect(said).toContain("ERR cannot");
    expect(said).not.toContain("hunter2");
  }).pipe(Effect.scoped),
);

it("takes user, password and database as they were meant", () => {
  fc.assert(
    fc.property(word, word, fc.nat(15), (user, password, database) => {
      const url = `redis://${encodeURIComponent(user)}:${encodeURIComponent(password)}@db/${database}`;
      const address = Effect.runSync(parseRedisUrl(url));
      expect([address.username, Redacted.value(address.password), address.database]).toEqual([
        user,
        password,
        database,
      ]);
    }),
  );
});
