// Builds and runs `node dist/main.js all-in-one`, or the command given, and does so anew whenever a source changes.
import { spawn, spawnSync } from "node:child_process";
import { watch } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const words = process.argv.length > 2 ? process.argv.slice(2) : ["all-in-one"];
let running;
let timer;

const stop = async () => {
  const child = running;
  running = undefined;
  if (child === undefined || child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
};

/** What does not build leaves what runs as it is. */
const start = async () => {
  const built = spawnSync(process.execPath, ["scripts/build.mjs", "--if-stale"], { cwd: root, stdio: "inherit" });
  if (built.status !== 0) return;
  await stop();
  // A group of its own: a terminal's Ctrl-C reaches it once, by us, and it ends in order.
  const child = spawn(process.execPath, ["dist/main.js", ...words], { cwd: root, stdio: "inherit", detached: true });
  child.once("exit", (code) => {
    if (running === child) console.error(`ended with ${code}: waiting for a change`);
  });
  running = child;
};

let turn = start();
for (const folder of ["src", "layers"]) {
  watch(join(root, folder), { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      turn = turn.then(start);
    }, 200);
  });
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(signal, async () => {
    await stop();
    process.exit(0);
  });
}
