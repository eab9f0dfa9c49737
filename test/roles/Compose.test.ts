/** docker-compose.yml and Dockerfile, as far as they can be checked without an engine: that they say what they must. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Duration } from "effect";
import { parse } from "yaml";
import { adapters } from "../../layers/Settings.ts";
import { commands } from "../../src/cli/Commands.ts";
import { role } from "../../src/cli/Role.ts";
import { allSettings } from "../../src/cli/Settings.ts";
import type { Setting } from "../../src/config/Setting.ts";

const root = join(import.meta.dirname, "../..");
const text = (name: string) => readFileSync(join(root, name), "utf8");

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly volumes?: ReadonlyArray<string>;
  readonly networks: ReadonlyArray<string>;
  readonly ports?: ReadonlyArray<string>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: ReadonlyArray<string> };
  readonly container_name?: string;
  readonly restart: string;
  readonly stop_grace_period?: string;
  readonly profiles?: ReadonlyArray<string>;
}

const compose: {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
} = parse(text("docker-compose.yml"), { merge: true });

const services = Object.entries(compose.services);
const roles = services.filter(([, { build }]) => build !== undefined);
const stores = services.filter(([, { build }]) => build === undefined);

const settings = allSettings(adapters);
const settingNames = new Set(settings.map(({ env }) => env));

/** The default of `${NAME:-default}`. */
const resolved = (value: string | number): string => String(value).replace(/^\$\{\w+:-(.*)\}$/, "$1");

describe("docker-compose.yml", () => {
  it("runs every role from one image, and the three stores", () => {
    // All-in-one is all of them in one process; to retrain is shown, as a comment.
    const services = commands.filter(({ name, service }) => service && name !== "all-in-one" && name !== "retrain");
    expect(roles.map(([name]) => name).sort()).toEqual([...services.map(({ name }) => name), "batch"].sort());
    expect(new Set(roles.map(([, { image }]) => image)).size).toBe(1);
    for (const [name, { environment }] of roles) expect(environment?.ROLE).toBe(name);
    expect(stores.map(([, { image }]) => image.split(":")[0]).sort()).toEqual([
      "apache/kafka",
      "qdrant/qdrant",
      "redis",
    ]);
  });

  it("starts what has no end again, and what has one only after a failure, also where it is shown as a comment", () => {
    const all: typeof compose = parse(text("docker-compose.yml").replaceAll(/^ {2}# (?=retrain:| {2})/gm, "  "), {
      merge: true,
    });
    expect(Object.keys(all.services)).toContain("retrain");
    for (const { build, environment, restart } of Object.values(all.services)) {
      if (build === undefined) continue;
      const command = commands.find(({ name }) => name === environment?.ROLE);
      expect(restart, command?.name).toMatch(command?.service ? /^unless-stopped$/ : /^on-failure:\d$/);
    }
  });

  it("pins each store, checks its health and keeps its data", () => {
    for (const [name, { healthcheck, image, volumes }] of stores) {
      expect(image, name).toMatch(/:v?\d+\.\d+\.\d+(-[a-z]+)?$/);
      expect(healthcheck?.test.length, name).toBeGreaterThan(1);
      expect(volumes, name).toHaveLength(1);
    }
  });

  it("gives roles settings that exist, with values that are read", () => {
    for (const [name, { environment }] of roles) {
      const { ROLE, ...rest } = environment ?? {};
      expect(role.choices).toContain(ROLE);
      for (const [env, value] of Object.entries(rest)) {
        expect(settingNames, `${name}: ${env}`).toContain(env);
        const { choices, kind } = settings.find((setting) => setting.env === env) as Setting<unknown>;
        // An empty one is unset.
        if (kind === "choice") expect(["", ...choices]).toContain(resolved(value));
        if (kind === "integer" || kind === "number") expect(Number(resolved(value))).not.toBeNaN();
      }
      expect(Object.keys(rest)).toEqual(expect.arrayContaining(["KAFKA_BROKERS", "REDIS_URL", "QDRANT_URL"]));
    }
  });

  it("waits for longer than a role drains", () => {
    for (const [name, { environment, stop_grace_period }] of roles) {
      const drain = Duration.toSeconds(Duration.decode(String(environment?.DRAIN_TIMEOUT) as Duration.DurationInput));
      expect(Number.parseInt(stop_grace_period ?? "0", 10), name).toBeGreaterThan(drain);
    }
  });

  it("lets every role scale, and publishes the API alone, on loopback", () => {
    for (const [name, { container_name, ports }] of services) {
      expect(container_name, name).toBeUndefined();
      expect(ports, name).toEqual(name === "api" ? ["127.0.0.1:8000:8000"] : undefined);
    }
    expect(compose.networks.stores?.internal).toBe(true);
    for (const [name, { networks }] of services) {
      expect(networks, name).toEqual(name === "api" ? ["stores", "outside"] : ["stores"]);
    }
  });

  it("lets the API be asked by this machine's and the network's own names alone, unless others are set", () => {
    const { environment } = compose.services.api ?? {};
    expect(resolved(environment?.ALLOWED_HOSTS ?? "")).toBe("localhost,api");
    expect(resolved(environment?.ALLOWED_ORIGINS ?? "none")).toBe("");
  });

  it("refers only to what is there", () => {
    const used = services.flatMap(([, { volumes }]) => (volumes ?? []).map((volume) => volume.split(":")[0]));
    expect([...new Set(used)].sort()).toEqual(Object.keys(compose.volumes).sort());
    for (const [name, { depends_on }] of services) {
      for (const [other, { condition }] of Object.entries(depends_on ?? {})) {
        const needed = compose.services[other];
        expect(needed, `${name} needs ${other}`).toBeDefined();
        if (condition === "service_healthy") expect(needed?.healthcheck, other).toBeDefined();
        expect(needed?.profiles, `${other} runs without a profile`).toBeUndefined();
      }
    }
  });

  it("shares the tables between those that write or read them", () => {
    const withTables = roles.filter(([, { volumes }]) => volumes?.some((volume) => volume.startsWith("data:")));
    expect(withTables.map(([name]) => name).sort()).toEqual(["archiver", "batch", "producer"]);
  });
});

describe("Dockerfile", () => {
  const dockerfile = text("Dockerfile");

  it("is built from a pinned image and runs as nobody special", () => {
    expect(dockerfile).toMatch(/^ARG NODE=node:24\.\d+\.\d+-bookworm-slim$/m);
    expect(dockerfile.match(/^FROM /gm)).toHaveLength(2);
    expect(dockerfile.lastIndexOf("USER node")).toBeGreaterThan(dockerfile.lastIndexOf("FROM"));
    expect(dockerfile).toMatch(/^ENTRYPOINT \["node", "dist\/main\.js"\]$/m);
  });

  it("copies only what .dockerignore lets through", () => {
    const letThrough = text(".dockerignore")
      .split("\n")
      .filter((line) => line.startsWith("!"))
      .map((line) => line.slice(1));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, sources]) => sources.split(" "));
    expect(copied.length).toBeGreaterThan(5);
    for (const source of copied) expect(letThrough).toContain(source);
  });

  it("copies every script that the build runs", () => {
    const run = [...text("scripts/build.mjs").matchAll(/"(?:\.|scripts)\/(\w+\.mjs)"/g)].map(
      ([, name]) => `scripts/${name}`,
    );
    expect(run).toContain("scripts/client.mjs");
    for (const script of run) expect(dockerfile).toContain(` ${script} `);
  });

  it("keeps every module that the bundle loads at run time", () => {
    const removed = [...dockerfile.matchAll(/node_modules\/(@?[\w-]+)(?=[\s\\])/g)].map(([, name]) => name);
    expect(removed).toContain("effect");
    const { external } = /external: \[(?<external>[^\]]*)\]/.exec(text("scripts/build.mjs"))?.groups ?? {};
    const loaded = [...(external ?? "").matchAll(/"([^"]+)"/g)].map(([, name]) => name.split("/")[0]);
    expect(loaded).toContain("lmdb");
    for (const name of loaded) expect(removed).not.toContain(name);
  });
});
