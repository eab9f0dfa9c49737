import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { adapters } from "../../layers/Settings.ts";
import { allSettings, rulesWith } from "../../src/cli/Settings.ts";
import { wrongSettings } from "../../src/config/Check.ts";
import { aboutStrangers } from "../../src/config/Unknown.ts";

const settings = allSettings(adapters);
const rules = rulesWith(adapters);
const textsOf = (entries: Readonly<Record<string, string>>) => new Map(Object.entries(entries));
const wrong = (entries: Readonly<Record<string, string>>) =>
  Effect.runSync(wrongSettings(settings, rules, textsOf(entries)));

describe("wrong settings", () => {
  it("are told all at once, a sentence each, blank ones and those of others left alone", () => {
    expect(
      wrong({
        ALS_RANK: "7",
        PORT: "http",
        LEARNING_RATE: "",
        HOST: " ",
        PATH: "x",
        QDRANT_URL: "http://ann:hunter2@db",
      }),
    ).toEqual([
      'ALS_RANK is "7"; allowed: whole number from 8 to 256, a multiple of 8',
      'PORT is "http"; allowed: whole number from 0 to 65535',
      "QDRANT_URL cannot be used (its value may hold a secret and is not shown); allowed: http://HOST:PORT or " +
        "https://HOST:PORT, also with a path, without user and password (QDRANT_API_KEY is the key)",
    ]);
  });

  it("are called what they were given as", () => {
    const texts = textsOf({ ALS_RANK: "7" });
    const [sentence] = Effect.runSync(wrongSettings(settings, rules, texts, () => "--als-rank"));
    expect(sentence).toMatch(/^--als-rank is "7"; /);
  });

  const kafka = { KAFKA_BROKERS: "db:9092" };
  it.each([
    [{ DRAIN_TIMEOUT: "60 s" }, "DRAIN_TIMEOUT (1m) must be shorter than KAFKA_REBALANCE_TIMEOUT (1m)"],
    [{ KAFKA_HEARTBEAT: "30 s" }, "KAFKA_HEARTBEAT (30s) must be shorter than KAFKA_SESSION_TIMEOUT (20s)"],
    [{ KAFKA_FETCH_WAIT: "9 s" }, "KAFKA_FETCH_WAIT (9s) must be shorter than KAFKA_REQUEST_TIMEOUT (8s)"],
    [
      { KAFKA_TOPIC: "a", KAFKA_DEAD_LETTER_TOPIC: "a" },
      "KAFKA_TOPIC and KAFKA_DEAD_LETTER_TOPIC must differ: both are a",
    ],
    [{ KAFKA_SASL: "plain" }, "KAFKA_SASL=plain needs KAFKA_USERNAME and KAFKA_PASSWORD"],
    [{ KAFKA_SASL: "plain", KAFKA_PASSWORD: "hunter2" }, "KAFKA_SASL=plain needs KAFKA_USERNAME"],
  ])("that do not fit together: %j", (entries, sentence) => {
    expect(wrong({ ...kafka, ...entries })).toEqual([sentence]);
    expect(wrong(entries)).toEqual([]);
  });

  it("a database of a cluster", () => {
    expect(wrong({ REDIS_URL: "redis://db/1", REDIS_CLUSTER: "true" })).toEqual([
      "REDIS_CLUSTER and a database in REDIS_URL exclude each other: a cluster has database 0 alone",
    ]);
    expect(wrong({ REDIS_URL: "redis://db/0", REDIS_CLUSTER: "true" })).toEqual([]);
  });
});

describe("unknown variables", () => {
  const known = new Set(settings.map(({ env }) => env));
  const about = (...names: ReadonlyArray<string>) => aboutStrangers(new Map(names.map((name) => [name, "x"])), known);

  it.each([
    ["KAFKA_BROKER", "KAFKA_BROKERS"],
    ["ALS_RNAK", "ALS_RANK"],
    ["als_rank", "ALS_RANK"],
    ["LEARNING_RAET", "LEARNING_RATE"],
    ["DATADIR", "DATA_DIR"],
    ["SLIPSTREAM_PORT", "PORT"],
    ["LERNER", "LEARNER"],
  ])("%s is probably %s", (name, meant) => {
    expect(about(name)).toBe(`no settings of Slipstream, and without effect: ${name} (did you mean ${meant}?)`);
  });

  it("that begin like ours are named in one line, without a guess where there is none", () => {
    expect(about("REDIS_SENTINELS", "ALS_WHATEVER", "KAFKA_TOPICS")).toBe(
      "no settings of Slipstream, and without effect: REDIS_SENTINELS, ALS_WHATEVER, KAFKA_TOPICS (did you mean KAFKA_TOPIC?)",
    );
  });

  it("of shells, of npm and of container platforms are nobody's concern", () => {
    const others = [
      ..."PATH HOME PWD SHLVL TERM LANG USER HOSTNAME HOSTTYPE PORTS HOSTS POST SHELL EDITOR DISPLAY LOGNAME TZ CI _".split(
        " ",
      ),
      ..."npm_config_cache npm_package_name NODE_ENV NODE_VERSION YARN_VERSION MAX_JOBS DEBUG ROLES".split(" "),
      ..."KUBERNETES_SERVICE_HOST KUBERNETES_PORT REDIS_SERVICE_HOST REDIS_SERVICE_PORT REDIS_PORT_6379_TCP".split(" "),
      ..."REDIS_PORT_6379_TCP_ADDR KAFKA_SERVICE_PORT_CLIENT QDRANT_PORT_6333_TCP_PROTO".split(" "),
    ];
    expect(about(...others)).toBeUndefined();
    expect(
      aboutStrangers(textsOf({ REDIS_PORT: "tcp://10.0.0.1:6379", KAFKA_PORT: "tcp://10.0.0.2:9092" }), known),
    ).toBe(undefined);
  });
});
