/**
 * What open consoles cost shoppers: `node scripts/bench/run.mjs consoles --consoles 100 --rounds 6 --seconds 10 --rate 400`.
 *
 * A whole process, all-in-one, on a sample shop (kept in `--data FOLDER`), with 50 events a second: recommendations are asked for at
 * random moments, `rate` a second, and timed, in rounds that alternate: without consoles, with them, with, without. A third process
 * holds the consoles and reads all that they are told.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    consoles: { type: "string", default: "100" },
    rounds: { type: "string", default: "6" },
    seconds: { type: "string", default: "10" },
    rate: { type: "string", default: "400" },
    data: { type: "string" },
    port: { type: "string", default: "8391" },
    hold: { type: "boolean", default: false },
  },
});
const port = Number(values.port);
const base = `http://127.0.0.1:${port}`;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Holds consoles until it is ended; tells once all of them have their first state. */
const hold = () => {
  let open = 0;
  for (let n = 0; n < Number(values.consoles); n++) {
    const socket = connect(port, "127.0.0.1");
    socket.write("GET /live HTTP/1.1\r\nhost: localhost\r\n\r\n");
    socket.once("data", (chunk: Buffer) => {
      if (!String(chunk).startsWith("HTTP/1.1 200")) throw new Error(String(chunk));
      open += 1;
      if (open === Number(values.consoles)) process.send?.("open");
    });
    socket.resume();
  }
};

const consoles = async (): Promise<ChildProcess> => {
  const child = spawn(
    process.execPath,
    [fileURLToPath(import.meta.url), "--hold", "--consoles", values.consoles, "--port", values.port],
    { stdio: ["ignore", "inherit", "inherit", "ipc"] },
  );
  await new Promise((resolve) => child.once("message", resolve));
  return child;
};

/** Connections that are kept open, one request on each at a time. */
const makePool = () => {
  const free: Array<Socket> = [];
  const end = () => {
    for (const socket of free) socket.destroy();
  };
  const ask = (path: string) =>
    new Promise<void>((resolve, reject) => {
      const socket = free.pop() ?? connect(port, "127.0.0.1").setNoDelay().setEncoding("latin1");
      let received = "";
      const read = (chunk: string) => {
        received += chunk;
        const end = received.indexOf("\r\n\r\n");
        const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? Number.POSITIVE_INFINITY);
        if (end < 0 || received.length < end + 4 + length) return;
        socket.off("data", read);
        if (!received.startsWith("HTTP/1.1 200")) return reject(new Error(received));
        free.push(socket);
        resolve();
      };
      socket.on("data", read);
      socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    });
  return { ask, end };
};

const quantile = (sorted: ReadonlyArray<number>, q: number): number => sorted[Math.floor(q * sorted.length)] ?? 0;

/** Latencies in milliseconds, rising, of what was asked for at random moments. */
const visit = async (users: ReadonlyArray<string>, seconds: number): Promise<ReadonlyArray<number>> => {
  const pool = makePool();
  const latencies: Array<number> = [];
  const under: Array<Promise<void>> = [];
  const until = performance.now() + 1000 * seconds;
  let due = performance.now();
  while (due < until) {
    await sleep(Math.max(1, due - performance.now()));
    const now = performance.now();
    while (due <= now) {
      due += (-1000 * Math.log(1 - Math.random())) / Number(values.rate);
      const started = performance.now();
      const user = users[Math.floor(Math.random() * users.length)];
      under.push(pool.ask(`/recommend/${user}?k=10`).then(() => void latencies.push(performance.now() - started)));
    }
  }
  await Promise.all(under);
  pool.end();
  return latencies.sort((a, b) => a - b);
};

const measure = async (server: ChildProcess) => {
  while (
    !(await fetch(`${base}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
    await sleep(200);
  }
  const listed = (await (await fetch(`${base}/items?limit=100`)).json()) as {
    items: ReadonlyArray<{ item_id: string }>;
  };
  const users = Array.from({ length: 200 }, (_, n) => `shopper-${n}`);
  const events = (count: number) =>
    fetch(`${base}/events`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(
        Array.from({ length: count }, () => ({
          user_id: users[Math.floor(Math.random() * users.length)],
          item_id: listed.items[Math.floor(Math.random() * listed.items.length)]?.item_id,
          event_type: "click",
        })),
      ),
    }).then((response) => response.text());
  await events(2000);
  const trickle = setInterval(() => void events(5), 100);
  const seconds = Number(values.seconds);
  await visit(users, seconds);
  const all: Record<"without" | "with", Array<ReadonlyArray<number>>> = { without: [], with: [] };
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const which of round % 2 === 0 ? (["without", "with"] as const) : (["with", "without"] as const)) {
      const open = which === "with" ? await consoles() : undefined;
      await sleep(1500);
      const found = await visit(users, seconds);
      open?.kill();
      all[which].push(found);
      console.log(
        `${which.padEnd(8)} ${found.length} lists   p50 ${quantile(found, 0.5).toFixed(2)}  p99 ${quantile(found, 0.99).toFixed(2)}  p99.9 ${quantile(found, 0.999).toFixed(2)} ms`,
      );
    }
  }
  clearInterval(trickle);
  const p99 = (which: "without" | "with") => {
    const pooled = all[which].flat().sort((a, b) => a - b);
    return { p50: quantile(pooled, 0.5), p99: quantile(pooled, 0.99) };
  };
  const [before, after] = [p99("without"), p99("with")];
  const change = (a: number, b: number) => `${a.toFixed(2)} → ${b.toFixed(2)} ms (${(100 * (b / a - 1)).toFixed(1)} %)`;
  console.log(
    `${values.consoles} consoles: p50 ${change(before.p50, after.p50)}, p99 ${change(before.p99, after.p99)}`,
  );
};

if (values.hold) hold();
else {
  const data = values.data ?? mkdtempSync(join(tmpdir(), "slipstream-consoles-"));
  const server = spawn(process.execPath, ["dist/main.js", "all-in-one"], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      ...{ DATA_DIR: data, PORT: String(port), LOG_LEVEL: "warning" },
      ...{ GENERATE_CUSTOMERS: "2000", GENERATE_ARTICLES: "2000", GENERATE_TRANSACTIONS: "40000", GENERATE_DAYS: "60" },
    },
  });
  try {
    await measure(server);
  } finally {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill();
    await ended;
    if (values.data === undefined) rmSync(data, { recursive: true });
  }
}
