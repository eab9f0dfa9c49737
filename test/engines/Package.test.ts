/** The package as a shop installs it, into an empty folder: its command, its client, its samples, and a client that others generate. */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeClientFiles } from "../../scripts/client.mjs";
import { smallShop, temporaryFolder } from "../e2e/process.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const run = promisify(execFile);

interface Sample {
  readonly label: string;
  readonly source: string;
}
interface Operation {
  readonly tags: ReadonlyArray<string>;
  readonly "x-codeSamples": ReadonlyArray<Sample>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** Those that a shop's engineer tries first; the others need a model or a task by name. */
const tried = ["items", "events", "recommendations"];
const order = ["put", "post", "patch", "get", "delete"];

describe("the package", () => {
  const folder = temporaryFolder();
  let program: ChildProcess | undefined;
  let url = "";
  let output = "";
  let document: Document = { paths: {} };

  beforeAll(async () => {
    // The folder `dist` is in use by others, so that nothing is cleared away before.
    await makeClientFiles(join(root, "dist"));
    const packed = execFileSync("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder.path], {
      cwd: root,
      encoding: "utf8",
    });
    const [{ filename }] = JSON.parse(packed);
    writeFileSync(join(folder.path, "package.json"), '{ "private": true, "type": "module" }');
    const words = ["install", "--no-audit", "--no-fund", join(folder.path, filename)];
    await run("npm", words, { cwd: folder.path });
    program = spawn("npx", ["--no-install", "slipstream", "all-in-one"], {
      cwd: folder.path,
      env: { PATH: process.env.PATH, HOME: folder.path, PORT: "0", ...smallShop },
      // A group of its own, of which npx is the first.
      detached: true,
    });
    const note = (chunk: Buffer) => {
      output += chunk;
    };
    program.stdout?.on("data", note);
    program.stderr?.on("data", note);
    while (url === "") {
      url = /API: (http:\S+)\/docs/.exec(output)?.[1] ?? "";
      expect(program.exitCode, output).toBe(null);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    document = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
  }, 300_000);

  afterAll(async () => {
    if (program?.pid !== undefined) {
      const ended = new Promise((resolve) => program?.on("close", resolve));
      process.kill(-program.pid, "SIGTERM");
      await ended;
    }
    folder.remove();
  });

  it("serves its docs page", async () => {
    const page = await (await fetch(`${url}/docs`)).text();
    expect(page).toContain("<title>Slipstream</title>");
  });

  it("has a client whose types know the API", async () => {
    const file = join(folder.path, "consumer.ts");
    writeFileSync(
      file,
      `import { makeClient, SlipstreamError, type Answer } from "slipstream/client";
const shop = makeClient({ url: ${JSON.stringify(url)} });
await shop.putItem({ item_id: "new-shirt" }, { title: "A shirt", attributes: { colour: "Black", price: 20 } });
const { token } = await shop.events([{ user_id: "u1", item_id: "new-shirt", event_type: "click" }]);
const answer: Answer = await shop.recommend({ user_id: "u1", k: 5, after: token });
const failed = await shop.findItem({ item_id: "none such" }).catch((error: unknown) => error);
console.log(answer.recommendations.length, answer.caught_up, failed instanceof SlipstreamError && failed.status);
// The first answer is lost on its way: what is sent again is the same purchase.
const ids: Array<unknown> = [];
const losing: typeof fetch = async (...call) => {
  const answered = await fetch(...call);
  ids.push(((await answered.clone().json()) as { event_ids: ReadonlyArray<string> }).event_ids[0]);
  return ids.length === 1 ? Promise.reject(new Error("lost")) : answered;
};
await makeClient({ url: ${JSON.stringify(url)}, fetch: losing }).purchase({ user_id: "u1", item_id: "new-shirt" });
console.log(ids.length, new Set(ids).size);
// @ts-expect-error: there is no such type of event
const wrong = () => shop.events({ user_id: "u1", item_id: "new-shirt", event_type: "stare" });
// @ts-expect-error: whose event it is must be said
const nobody = () => shop.events({ item_id: "new-shirt", event_type: "click" });
export { nobody, wrong };
`,
    );
    const check = "--noEmit --strict --module nodenext --target es2023 --lib es2023,dom --ignoreConfig --types".split(
      " ",
    );
    await run(process.execPath, [join(root, "node_modules/.bin/tsc"), ...check, "", file], { cwd: folder.path });
    const { code } = await (await import("esbuild")).transform(readFileSync(file, "utf8"), { loader: "ts" });
    writeFileSync(join(folder.path, "consumer.mjs"), code);
    const { stdout } = await run(process.execPath, ["consumer.mjs"], { cwd: folder.path });
    expect(stdout).toBe("5 true 404\n2 1\n");
  });

  it("answers every sample that its docs show", async () => {
    const operations = Object.values(document.paths)
      .flatMap((methods) => Object.entries(methods))
      .filter(([, { tags }]) => tags.some((tag) => tried.includes(tag)))
      .sort(([some], [others]) => order.indexOf(some) - order.indexOf(others));
    expect(operations.length).toBeGreaterThan(8);
    const python = join(
      dirname(execFileSync(join(root, "scripts/engines/generator.sh"), { encoding: "utf8" }).trim()),
      "python",
    );
    const how: Readonly<Record<string, (source: string) => readonly [string, ReadonlyArray<string>]>> = {
      curl: (source) => ["bash", ["-c", source.replace("curl", "curl -sSf")]],
      TypeScript: (source) => [process.execPath, ["--input-type=module", "-e", source]],
      Python: (source) => [python, ["-c", source]],
    };
    for (const label of Object.keys(how)) {
      for (const [method, { "x-codeSamples": samples }] of operations) {
        const source = samples.find((sample) => sample.label === label)?.source ?? "";
        const [command, words] = how[label]?.(source.replaceAll("http://localhost:8000", url)) ?? ["false", []];
        const { stdout } = await run(command, words, { cwd: folder.path });
        if (method !== "delete") expect(stdout, source).toMatch(/[{[]/);
      }
    }
  });

  it("is known to a client that was generated from its document", async () => {
    const generator = execFileSync(join(root, "scripts/engines/generator.sh"), { encoding: "utf8" }).trim();
    const place = join(folder.path, "generated");
    mkdirSync(place);
    writeFileSync(join(place, "openapi.json"), JSON.stringify(document));
    writeFileSync(
      join(place, "config.yml"),
      "content_type_overrides:\n  application/x-ndjson: application/octet-stream\npost_hooks: []\n",
    );
    const words = "generate --path openapi.json --config config.yml --meta none --output-path shop --fail-on-warning";
    await run(generator, words.split(" "), { cwd: place });
    writeFileSync(
      join(place, "try.py"),
      `from shop import Client
from shop.api.events import events
from shop.api.recommendations import recommend
from shop.models import Event, EventEventType

with Client(base_url=${JSON.stringify(url)}) as client:
    told = events.sync(client=client, body=[Event(event_type=EventEventType.CLICK, user_id="u2", item_id="new-shirt")])
    answer = recommend.sync("u2", client=client, k=3, after=told.token)
    print(told.accepted, answer.caught_up, len(answer.recommendations))
    wrong = events.sync_detailed(client=client, body=[Event(event_type=EventEventType.CLICK, user_id="u2")])
    print(int(wrong.status_code), wrong.parsed.errors[0].field)
`,
    );
    const { stdout } = await run(join(dirname(generator), "python"), ["try.py"], { cwd: place });
    expect(stdout).toBe("1 True 3\n400 [0].item_id\n");
  });
});
