/**
 * Times GET /recommend under load: `node scripts/bench/run.mjs http --seconds 3 --connections 32 --rank 32`,
 * with `--keys` where each request shows a key.
 *
 * A second process serves; this one keeps its connections busy and prints requests per second and latencies. The raw
 * line is node:http sending a constant body of the same size: what a request costs before any of our code. The server's
 * own CPU time per request is told beside, for machines that are busy with other work.
 */

import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { HttpServer } from "@effect/platform";
import { ConfigProvider, Effect, Layer, Option, Stream } from "effect";
import * as NodeServer from "../../layers/Http/Node.ts";
import { noFollowers } from "../../src/domain/Followers.ts";
import { emptyPage } from "../../src/domain/ItemPage.ts";
import { emptyUserState } from "../../src/domain/UserState.ts";
import * as Server from "../../src/http/Server.ts";
import { http } from "../../src/http/Settings.ts";
import { makeScan } from "../../src/kernels/TopK.ts";
import { digestOf, entryOf } from "../../src/keys/Key.ts";
import { Catalogue } from "../../src/ports/Catalogue.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { ItemIndex, type ModelItems } from "../../src/ports/ItemIndex.ts";
import { ModelRegistry } from "../../src/ports/ModelRegistry.ts";
import { Popular } from "../../src/ports/Popular.ts";
import { Sql } from "../../src/ports/Sql.ts";
import { noStoreFile, StoreFile } from "../../src/ports/StoreFile.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { ServingModel } from "../../src/serving/ServingModel.ts";
import { memoryForgotten } from "../../test/support/MemoryForgotten.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    connections: { type: "string", default: "32" },
    rank: { type: "string", default: "32" },
    items: { type: "string", default: "0,5000,100000" },
    serve: { type: "string" },
    keys: { type: "boolean", default: false },
  },
});
const rank = Number(values.rank);
/** Shown by every request, where the server has keys. */
const key = "slip_a-key-of-the-benchmark-of-43-characters--";
const keyed = values.keys ? `authorization: Bearer ${key}\r\n` : "";
const users = 1000;
const random = (length: number) => Float32Array.from({ length }, () => Math.random() - 0.5);

const catalogueOf = (items: number): ModelItems => ({
  rank,
  itemIdx: Uint32Array.from({ length: items }, (_, i) => i),
  vectors: random(items * rank),
  metadata: Array.from({ length: items }, (_, i) => ({
    article_id: String(100_000_000 + i).padStart(10, "0"),
    prod_name: `Item ${i}`,
    product_type_name: "T-shirt",
    product_group_name: `Group ${i % 100}`,
    graphical_appearance_name: "Solid",
    index_group_name: "Ladieswear",
  })),
  available: new Uint8Array(items).fill(1),
  isNew: new Uint8Array(items),
  buyers: new Uint32Array(items),
  followers: noFollowers(items),
  popularity: new Float32Array(items),
  rowOf: () => undefined,
  rowOfIdx: (itemIdx) => itemIdx,
});

/** Ports in memory: an item search of `items` rows, or of a constant list where `items` is 0. */
const shop = (items: number) => {
  const catalogue = catalogueOf(Math.max(items, 50));
  const scan = makeScan({ vectors: catalogue.vectors, rows: catalogue.itemIdx.length, rank });
  const state = { ...emptyUserState, vector: random(rank) };
  const fixed = Array.from({ length: 20 }, (_, itemIdx) => ({ itemIdx, score: 1 / (itemIdx + 3) }));
  const unused = Effect.die("not part of this benchmark");
  const registry = { models: [], serving: Option.some("bench") };
  return Layer.mergeAll(
    Layer.succeed(ModelRegistry, {
      state: Effect.succeed(registry),
      update: () => unused,
      changes: Stream.concat(Stream.make(registry), Stream.never),
    }),
    Layer.succeed(UserStates, {
      load: () => unused,
      write: () => unused,
      drop: () => unused,
      read: (_, ids) => Effect.succeed(ids.map(() => state)),
      readPacked: (_, ids) => Effect.succeed(ids.map(() => () => state)),
      position: () => Effect.succeed(0n),
      trend: () => Effect.succeed(undefined),
      trends: () => Effect.succeed([]),
      itemTrends: () => Effect.succeed(undefined),
      followers: () => Effect.succeed({ next: undefined, snapshot: undefined, events: [] }),
      logs: () => Effect.succeed([]),
      addLog: () => unused,
      forget: () => unused,
      userIdsOf: (_, indices) => Effect.succeed(indices.map(() => undefined)),
    }),
    memoryForgotten(),
    Layer.mock(DeadLetters, {}),
    Layer.mock(Tables, {}),
    Layer.mock(Sql, {}),
    Layer.succeed(ItemIndex, {
      load: () => unused,
      serve: () => unused,
      inMemory: () => Effect.succeed(undefined),
      filters: Effect.succeed(false),
      describe: () => Effect.void,
      drop: () => unused,
      items: () => Effect.succeed(catalogue),
      search: (_, query, k, { rows: allowed }) =>
        Effect.sync(() => {
          if (items === 0) return fixed;
          const { rows, scores } = scan.search(query, k, allowed);
          return Array.from(rows, (row, place) => ({ itemIdx: row, score: scores[place] ?? 0 }));
        }),
    }),
    Layer.succeed(Popular, { put: () => unused, get: Effect.succeed(undefined) }),
    Layer.succeed(Catalogue, {
      change: () => unused,
      find: () => unused,
      allot: () => unused,
      adopt: () => unused,
      size: Effect.succeed(0),
      ids: () => Stream.empty,
      changes: () => Stream.concat(Stream.succeed({ items: [], number: 0, isLast: true }), Stream.never),
      pages: () => Stream.concat(Stream.succeed({ items: emptyPage, number: 0, isLast: true }), Stream.never),
    }),
    Layer.succeed(EventLog, {
      identity: Effect.succeed("bench"),
      partitions: Effect.succeed(1),
      append: () => unused,
      subscribe: () => unused,
      read: () => unused,
      startOffsets: Effect.succeed([0n]),
      endOffsets: Effect.succeed([0n]),
      committed: () => unused,
    }),
    Layer.succeed(StoreFile, noStoreFile),
  );
};

const announce = (port: number) => process.stdout.write(`${port}\n`);

const serveRaw = () => {
  const metadata = catalogueOf(1).metadata[0];
  const recommendations = Array.from({ length: 10 }, (_, i) => ({ item_idx: i, score: 1 / (i + 3), metadata }));
  const body = JSON.stringify({ user: "u1", source: "personalized", model: "bench", recommendations });
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const server = createServer((_, response) => response.writeHead(200, headers).end(body));
  server.listen(0, "127.0.0.1", () => announce((server.address() as { port: number }).port));
};

const settings = {
  PORT: "0",
  ...(values.keys ? { API_KEYS: entryOf({ name: "bench", scopes: ["read"], digest: digestOf(key), made: "" }) } : {}),
};

const serveShop = (items: number) =>
  Effect.gen(function* () {
    const { changes } = yield* ServingModel;
    yield* Stream.runDrain(Stream.takeUntil(changes, (serving) => serving !== undefined));
    const { address } = yield* HttpServer.HttpServer;
    if (address._tag === "TcpAddress") announce(address.port);
    return yield* Effect.never;
  }).pipe(
    Effect.provide(
      Server.layer.pipe(
        Layer.provideMerge(NodeServer.layer(http)),
        Layer.provide(shop(items)),
        Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(settings))))),
      ),
    ),
    Effect.runPromise,
  );

/** Keeps one connection busy until `over`; answers the latencies in milliseconds. */
const visit = (port: number, query: string, over: () => boolean) =>
  new Promise<ReadonlyArray<number>>((resolve, reject) => {
    const latencies: Array<number> = [];
    let started = 0;
    let received = "";
    const socket = connect(port, "127.0.0.1").setNoDelay().setEncoding("latin1");
    const ask = () => {
      started = performance.now();
      received = "";
      socket.write(
        `GET /recommend/u${Math.floor(Math.random() * users)}?k=10${query} HTTP/1.1\r\nhost: localhost\r\n${keyed}\r\n`,
      );
    };
    socket.on("connect", ask).on("error", reject);
    socket.on("data", (chunk: string) => {
      received += chunk;
      const end = received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(received)?.[1]);
      if (received.length < end + 4 + length) return;
      if (!received.startsWith("HTTP/1.1 200")) reject(new Error(received));
      latencies.push(performance.now() - started);
      if (!over()) return ask();
      socket.destroy();
      resolve(latencies);
    });
  });

const measure = async (name: string, serve: string, query = "") => {
  const child = spawn(
    process.execPath,
    [fileURLToPath(import.meta.url), "--serve", serve, "--rank", String(rank), ...(values.keys ? ["--keys"] : [])],
    {
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    },
  );
  const port = await new Promise<number>((resolve) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      const line = /^(\d+)$/m.exec(String(chunk));
      if (line !== null) resolve(Number(line[1]));
    });
  });
  const load = async (seconds: number) => {
    const end = performance.now() + seconds * 1000;
    const started = performance.now();
    const visits = Array.from({ length: Number(values.connections) }, () =>
      visit(port, query, () => performance.now() > end),
    );
    const latencies = (await Promise.all(visits)).flat().sort((a, b) => a - b);
    return { latencies, perSecond: (1000 * latencies.length) / (performance.now() - started) };
  };
  /** Microseconds of CPU that the server has used. */
  const cpu = () =>
    new Promise<number>((resolve) => {
      child.once("message", resolve);
      child.send("cpu");
    });
  await load(Number(values.seconds));
  const before = await cpu();
  const { latencies, perSecond } = await load(Number(values.seconds));
  const each = ((await cpu()) - before) / latencies.length;
  child.kill();
  const at = (quantile: number) => `${(latencies[Math.floor(latencies.length * quantile)] ?? 0).toFixed(2)} ms`;
  const rate = `${perSecond.toFixed(0).padStart(7)} /s`;
  console.log(`${name.padEnd(30)} ${rate}   p50 ${at(0.5)}  p99 ${at(0.99)}   ${each.toFixed(0)} µs CPU each`);
};

process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.(user + system);
});

if (values.serve === "raw") serveRaw();
else if (values.serve !== undefined) await serveShop(Number(values.serve));
else {
  console.log(`GET /recommend?k=10, rank ${rank}, ${values.connections} connections`);
  await measure("raw node:http, constant body", "raw");
  for (const items of values.items.split(",")) {
    await measure(items === "0" ? "ours, constant candidates" : `ours, ${items} items`, items);
    if (items !== "0") await measure(`ours, 1 % of ${items} items`, items, "&product_group=Group%207");
  }
}
