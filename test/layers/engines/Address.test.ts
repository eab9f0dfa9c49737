import { describe, expect, it } from "@effect/vitest";
import { Option, Redacted } from "effect";
import fc from "fast-check";
import { brokers } from "../../../layers/engines/kafka/Address.ts";
import { kafka } from "../../../layers/engines/kafka/Settings.ts";
import { qdrantUrl } from "../../../layers/engines/qdrant/Address.ts";
import { qdrant } from "../../../layers/engines/qdrant/Settings.ts";
import { parseRedisUrl } from "../../../layers/engines/redis/Address.ts";
import { redis } from "../../../layers/engines/redis/Settings.ts";
import { complaint, type Form, type Setting } from "../../../src/config/Setting.ts";

const redisAt = (text: string) =>
  Option.getOrUndefined(
    Option.map(parseRedisUrl(text), ({ password, ...rest }) => ({
      ...rest,
      password: Redacted.value(password),
    })),
  );

const plain = { host: "db", port: 6379, tls: false, username: "", password: "", database: 0 };

describe("an address of Redis", () => {
  it.each([
    ["redis://db", plain],
    ["redis://db:6380/3", { ...plain, port: 6380, database: 3 }],
    ["  rediss://db/ ", { ...plain, tls: true }],
    ["REDIS://db", plain],
    ["redis://[::1]:7000", { ...plain, host: "::1", port: 7000 }],
    ["redis://:p%40s%2Fs@db", { ...plain, password: "p@s/s" }],
    ["redis://ann:a:b@db", { ...plain, username: "ann", password: "a:b" }],
    ["redis://ann@db", { ...plain, username: "ann" }],
  ])("%s is read whole", (text, address) => expect(redisAt(text)).toEqual(address));

  it.each([
    "db:6379",
    "http://db",
    "redis://",
    "redis://:6379",
    "redis://db:x",
    "redis://db:70000",
    "redis://db/one",
    "redis://db?password=hunter2",
    "redis://db?",
    "redis://db#hunter2",
    "redis://ann:p@hunter2@db",
    "redis://ann:12/34@db",
    "redis://ann:12?34@db",
    "redis://ann:12#34@db",
    "redis://ann:12\\34@db",
    "redis://ann:1 2@db",
    "redis://ann:1%@db",
    "redis://a^b",
  ])("%s is refused", (text) => expect(redisAt(text)).toBeUndefined());
});

describe("addresses of Kafka and Qdrant", () => {
  const read = (form: Form, text: string) => Option.getOrUndefined(form.parse(text));

  it.each([
    [brokers, "db:9092", "db:9092"],
    [brokers, " a:1, b:2 ,", "a:1,b:2"],
    [qdrantUrl, "http://db:6333", "http://db:6333"],
    [qdrantUrl, "https://db/prefix/", "https://db/prefix"],
    [qdrantUrl, "http://[::1]:6333", "http://[::1]:6333"],
  ])("are read whole: %#: %s", (form, text, value) => expect(read(form, text)).toBe(value));

  it.each([
    "db",
    "db:0",
    "db:70000",
    "db:1e3",
    ":9092",
    ",",
    "PLAINTEXT://db:9092",
    "ann:hunter2@db:9092",
    "db:9092/x",
  ])("of brokers, %s is refused", (text) => expect(read(brokers, text)).toBeUndefined());

  it.each([
    "db:6333",
    "ftp://db",
    "http://ann:hunter2@db",
    "http://hunter2@db",
    "http://db?key=hunter2",
    "http://db#x",
  ])("of Qdrant, %s is refused", (text) => expect(read(qdrantUrl, text)).toBeUndefined());
});

describe("a secret in an address", () => {
  /** With what is special in addresses among it; no piece of it is in what we say ourselves. */
  const secrets = fc.string({ unit: fc.constantFrom(..."xyzXYZ0189@:/?#%&=+[]^|~"), minLength: 6, maxLength: 24 });
  const positions: ReadonlyArray<(secret: string) => string> = [
    (secret) => `redis://user:${secret}@db:1`,
    (secret) => `redis://${secret}:pw@db:1`,
    (secret) => `redis://${secret}@db:1/0`,
    (secret) => `redis://user:pw@${secret}@db:1`,
    (secret) => `redis://user:${encodeURIComponent(secret)}@db`,
    (secret) => `redis://db:1?password=${secret}`,
    (secret) => `redis://db:1/${secret}`,
    (secret) => `redis://db:1#${secret}`,
    (secret) => `http://user:${secret}@db:1`,
    (secret) => `${secret}://db`,
    (secret) => `SASL_SSL://user:${secret}@db:9092`,
    (secret) => `user:${secret}@db:9092`,
  ];
  const settings: ReadonlyArray<Setting<unknown>> = [
    redis.url,
    redis.password,
    qdrant.url,
    qdrant.apiKey,
    kafka.brokers,
  ];

  it("is in no complaint, and never taken for a host", () => {
    fc.assert(
      fc.property(secrets, fc.constantFrom(...positions), fc.constantFrom(...settings), (secret, position, setting) => {
        const text = position(secret);
        expect(complaint(setting, setting.env, text)).not.toContain(secret);
        const address = redisAt(text);
        if (address !== undefined) expect(address.host).toBe("db");
      }),
      { numRuns: 2000 },
    );
  });
});
