/**
 * Times changes and listings of items over HTTP: `node scripts/bench/run.mjs items --seconds 5 --connections 64 --lines 100000`.
 *
 * The built program serves as a process of its own, embedded, in a folder that is removed afterwards: each change is on disk before
 * its answer. This process keeps its connections busy, one request at a time each, and checks every answer; what that costs it is told,
 * too, since both share the machine.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeRandom } from "../../src/kernels/Random.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    connections: { type: "string", default: "64" },
    lines: { type: "string", default: "100000" },
    seed: { type: "string", default: "7" },
  },
});
const seconds = Number(values.seconds);
const connections = Number(values.connections);
const lines = Number(values.lines);
const random = makeRandom(Number(values.seed), "items").uniform;
const pick = (among: ReadonlyArray<string>) => among[Math.floor(random() * among.length)];

const colours = ["Black", "White", "Red", "Blue", "Green", "Beige", "Grey", "Pink"];
const things = ["shirt", "dress", "skirt", "coat", "scarf", "boots", "belt", "jacket"];
const fabrics = ["Linen", "Cotton", "Silk", "Wool", "Denim", "Jersey"];

/** Ten attributes. */
const itemOf = () => ({
  title: `${pick(fabrics)} ${pick(things)} ${Math.floor(random() * 1000)}`,
  attributes: {
    colour: pick(colours),
    fabric: pick(fabrics),
    department: `department ${Math.floor(random() * 50)}`,
    brand: `brand ${Math.floor(random() * 500)}`,
    price: Math.round(random() * 10_000) / 100,
    weight: Math.round(random() * 1000),
    stars: Math.round(random() * 5),
    is_vegan: random() < 0.3,
    since: "2026-12-01T00:00:00Z",
    tags: [pick(colours), pick(things)],
  },
});

const folder = mkdtempSync(join(tmpdir(), "slipstream-bench-items-"));
const shop = {
  GENERATE_CUSTOMERS: "400",
  GENERATE_ARTICLES: "150",
  GENERATE_TRANSACTIONS: "6000",
  GENERATE_DAYS: "60",
};
const main = join(import.meta.dirname, "../main.js");
const child = spawn(process.execPath, [main, "all-in-one"], {
  env: { PATH: process.env.PATH, PORT: "0", DATA_DIR: folder, LOG_FORMAT: "logfmt", ...shop },
});

const ready = () =>
  new Promise<URL>((resolve, reject) => {
    let output = "";
    const read = (chunk: Buffer) => {
      output += chunk;
      const url = /API: (http:\S+)\/docs/.exec(output)?.[1];
      if (url !== undefined) resolve(new URL(url));
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("exit", () => reject(new Error(output)));
  });

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

/** Keeps one connection busy until `over`; answers the latencies in milliseconds. */
const visit = (url: URL, ask: () => Asked, over: () => boolean) =>
  new Promise<ReadonlyArray<number>>((resolve, reject) => {
    const latencies: Array<number> = [];
    let started = 0;
    let received = "";
    const socket = connect(Number(url.port), url.hostname).setNoDelay().setEncoding("latin1");
    const send = () => {
      const { body = "", method, path } = ask();
      const type = body === "" ? "" : `content-type: application/json\r\ncontent-length: ${body.length}\r\n`;
      received = "";
      started = performance.now();
      socket.write(`${method} ${path} HTTP/1.1\r\nhost: localhost\r\n${type}\r\n${body}`);
    };
    socket.on("connect", send).on("error", reject);
    socket.on("data", (chunk: string) => {
      received += chunk;
      const end = received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(received)?.[1]);
      if (received.length < end + 4 + length) return;
      if (!received.startsWith("HTTP/1.1 20")) reject(new Error(received));
      latencies.push(performance.now() - started);
      if (!over()) return send();
      socket.destroy();
      resolve(latencies);
    });
  });

/** Of the server's own. */
const figure = async (url: URL, name: string): Promise<number> => {
  const text = await (await fetch(new URL("/metrics", url))).text();
  return Number(new RegExp(`^${name} (\\S+)`, "m").exec(text)?.[1]);
};

const measure = async (name: string, url: URL, many: number, ask: () => Asked) => {
  const started = performance.now();
  const over = () => performance.now() > started + seconds * 1000;
  const before = await figure(url, "process_cpu_seconds_total");
  const spent = process.cpuUsage();
  const visits = Array.from({ length: many }, () => visit(url, ask, over));
  const latencies = (await Promise.all(visits)).flat().sort((a, b) => a - b);
  const { system, user } = process.cpuUsage(spent);
  const each = (1e6 * ((await figure(url, "process_cpu_seconds_total")) - before)) / latencies.length;
  const perSecond = (1000 * latencies.length) / (performance.now() - started);
  const at = (quantile: number) => `${(latencies[Math.floor(latencies.length * quantile)] ?? 0).toFixed(2)} ms`;
  console.log(
    `${name.padEnd(48)} ${perSecond.toFixed(0).padStart(7)} /s   p50 ${at(0.5)}   p99 ${at(0.99)}   ${each.toFixed(0)} µs CPU each, ${((system + user) / latencies.length).toFixed(0)} µs here`,
  );
};

const upload = async (url: URL) => {
  let n = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const to = Math.min(n + 200, lines);
      let text = "";
      for (; n < to; n++) text += `${JSON.stringify({ item_id: `line-${n}`, ...itemOf() })}\n`;
      controller.enqueue(Buffer.from(text));
      if (n === lines) controller.close();
    },
  });
  const started = performance.now();
  const headers = { "content-type": "application/x-ndjson" };
  const response = await fetch(new URL("/items", url), {
    method: "POST",
    headers,
    body,
    duplex: "half",
  } as RequestInit);
  const taken = (await response.json()) as { readonly accepted: number };
  if (taken.accepted !== lines) throw new Error(JSON.stringify(taken));
  const taking = (performance.now() - started) / 1000;
  console.log(`POST /items, ${lines} lines: ${taking.toFixed(1)} s, ${(lines / taking).toFixed(0)} items/s`);
};

const list = async (url: URL, query: string) => {
  const started = performance.now();
  await (await fetch(new URL(`/items?${query}`, url))).json();
  console.log(`first GET /items?${query}: ${(performance.now() - started).toFixed(0)} ms`);
};

try {
  const cpu = `${cpus()[0]?.model.trim()} × ${cpus().length}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
  console.log(
    `${cpu}, Node ${process.versions.node}; seed ${values.seed}, ${connections} connections, ${seconds} s each`,
  );
  const url = await ready();
  let n = 0;
  const putAt = (path: string) => ({ method: "PUT", path, body: JSON.stringify(itemOf()) });
  const put = () => putAt(`/items/put-${n++}`);
  await measure("PUT /items/{id}, new items, warming up", url, connections, put);
  await measure("PUT /items/{id}, new items", url, connections, put);
  const known = () => `/items/put-${Math.floor(random() * n)}`;
  await measure("PUT /items/{id}, known items", url, connections, () => putAt(known()));
  const patch = () => ({ method: "PATCH", path: known(), body: JSON.stringify({ attributes: { price: random() } }) });
  await measure("PATCH /items/{id}", url, connections, patch);
  await measure("PUT /items/{id}, one connection", url, 1, put);
  await measure("GET /items/{id}", url, connections, () => ({ method: "GET", path: known() }));
  await upload(url);
  await list(url, "query=linen%20sh");
  const words = () => ({ method: "GET", path: `/items?query=${pick(fabrics)}%20${pick(things).slice(0, 2)}&limit=20` });
  await measure("GET /items?query=, words, 20 items", url, 4, words);
  const filter = () => ({ method: "GET", path: `/items?filter=colour=${pick(colours)}%20price%3C1&limit=20` });
  await measure("GET /items?filter=, 1 in 800, 20 items", url, 4, filter);
  const resident = (await figure(url, "process_resident_memory_bytes")) / 2 ** 20;
  console.log(`${n + lines} items, server: ${resident.toFixed(0)} MiB resident`);
} finally {
  child.kill("SIGTERM");
  await new Promise((resolve) => child.once("close", resolve));
  rmSync(folder, { recursive: true, force: true });
}
