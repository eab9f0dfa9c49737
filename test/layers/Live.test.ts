import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, type Layer, Logger, LogLevel } from "effect";
import * as Live from "../../layers/Live.ts";
import { ModelRegistry } from "../../src/ports/ModelRegistry.ts";
import { main, temporaryFolder } from "../e2e/process.ts";

const folder = temporaryFolder();
afterAll(folder.remove);
let folders = 0;

/** Builds a layer in a data folder of its own; answers what was logged about places, and whether LMDB was opened. */
const built = <A>(
  layer: Layer.Layer<A, unknown>,
  settings: Record<string, string>,
  use: Effect.Effect<unknown, unknown, A>,
) =>
  Effect.gen(function* () {
    const dataDir = join(folder.path, String(folders++));
    const lines: Array<string> = [];
    const logger = Logger.make(({ logLevel, message }) => {
      lines.push(`${logLevel === LogLevel.Warning ? "warning: " : ""}${String(message)}`);
    });
    yield* use.pipe(
      Effect.provide(layer),
      Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries({ DATA_DIR: dataDir, ...settings })))),
    );
    const places = lines.filter((line) => line.includes("events and dead letters:"));
    return { lines, places, opened: existsSync(join(dataDir, "store", "data.mdb")), dataDir };
  });

/** Nothing listens there. */
const nowhere = "127.0.0.1:1";
const secrets = {
  REDIS_URL: `redis://someone:hunter2@${nowhere}/0`,
  QDRANT_API_KEY: "sesame",
  KAFKA_PASSWORD: "swordfish",
};

describe("each port lives where its setting says", () => {
  it.live("all embedded, in one store, without a word", () =>
    Effect.gen(function* () {
      const registry = Effect.flatMap(ModelRegistry, ({ state }) => state);
      const { lines, opened } = yield* built(Live.stores, {}, registry);
      expect(lines).toEqual([]);
      expect(opened).toBe(true);
    }),
  );

  it.live("all on servers: no store is opened, one line says where, no secret in any", () =>
    Effect.gen(function* () {
      const { lines, opened, places } = yield* built(
        Live.stores,
        { KAFKA_BROKERS: nowhere, QDRANT_URL: `http://${nowhere}`, ...secrets },
        Effect.void,
      );
      expect(opened).toBe(false);
      expect(places).toEqual([
        `events and dead letters: Kafka at ${nowhere}; user states, the catalogue, models and best sellers: Redis at ${nowhere}; item vectors: Qdrant at ${nowhere}`,
      ]);
      expect(lines.join("\n")).not.toMatch(/hunter2|sesame|swordfish/);
    }),
  );

  it.live("a mixture is allowed, with a warning that names the embedded part", () =>
    Effect.gen(function* () {
      const { dataDir, opened, places } = yield* built(Live.stores, { KAFKA_BROKERS: nowhere }, Effect.void);
      expect(opened).toBe(true);
      expect(places).toHaveLength(1);
      expect(places[0]).toMatch(/^warning: /);
      expect(places[0]).toContain(`user states, the catalogue, models and best sellers: embedded in ${dataDir}/store`);
      expect(places[0]).toContain("this machine alone");
      const beside = yield* built(Live.storesBeside, { KAFKA_BROKERS: nowhere }, Effect.void);
      expect([beside.opened, beside.lines]).toEqual([true, []]);
    }),
  );

  it.live("a role that needs the log alone opens nothing else", () =>
    Effect.gen(function* () {
      const { opened, places } = yield* built(Live.log, { KAFKA_BROKERS: nowhere }, Effect.void);
      expect(opened).toBe(false);
      expect(places).toEqual([`events and dead letters: Kafka at ${nowhere}`]);
    }),
  );
});

describe("the built program", () => {
  const statically = /^(?:import|export)\s+(?:[^"';]*?\s+from\s+)?"([^"]+)"/gm;

  /** Every module that a start loads whatever the settings are: static imports, through all chunks. */
  const loadedAtStart = (): ReadonlySet<string> => {
    const seen = new Set<string>();
    const visit = (file: string) => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const [, name] of readFileSync(file, "utf8").matchAll(statically)) {
        if (name.startsWith(".")) visit(join(dirname(file), name));
        else seen.add(name);
      }
    };
    visit(main);
    return seen;
  };

  it("loads no client, and no store, before it knows which", () => {
    const loaded = loadedAtStart();
    expect(loaded.size).toBeGreaterThan(10);
    expect(loaded).toContain("node:http");
    for (const name of ["kafkajs", "ioredis", "@qdrant/js-client-rest", "lmdb"]) expect(loaded).not.toContain(name);
  });
});
