/** The decoder of the archive by Spark takes the events that ours takes, with the same columns, and refuses what ours refuses. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest";
import { Either } from "effect";
import fc from "fast-check";
import { positionId } from "../../src/domain/EventCodec.ts";
import { isForget } from "../../src/domain/Forget.ts";
import { eventColumns } from "../../src/stream/Archiver.ts";
import { readRecord } from "../../src/stream/ReadRecord.ts";

const log = "bG9n_ü";
const arrival = 1_700_000_000.25;

let python: ChildProcess;
let answers: AsyncIterator<string>;

beforeAll(() => {
  const script = fileURLToPath(new URL("spark_decode.py", import.meta.url));
  python = spawn("python3", [script], { stdio: ["pipe", "pipe", "inherit"] });
  answers = createInterface({ input: python.stdout! })[Symbol.asyncIterator]();
});

afterAll(() => void python.kill());

const columns = [
  "t_dat",
  "customer_id",
  "article_id",
  "event_type",
  "timestamp",
  "quantity",
  "event_id",
  "user_idx",
  "item_idx",
  "recommendation_id",
] as const;

/** As both decoders have it. */
type Verdict = "refused" | "archived" | ReadonlyArray<unknown>;

/** As a Parquet file has it: text is well formed there, and no integer is -0. */
const written = (value: unknown): unknown => {
  if (typeof value === "string") return new TextDecoder().decode(new TextEncoder().encode(value));
  return value === 0 ? 0 : value;
};

const ours = (value: Uint8Array, offset: bigint, appendedAt: number): Verdict => {
  const event = readRecord(log, 3, { offset, appendedAt, value });
  // A word that forgets a user is told from events alone, and known by the process that archives.
  if (Either.isLeft(event) || isForget(event.right)) return "refused";
  if (event.right.replayOf?.archived === true) return "archived";
  const batch = eventColumns(log, [{ event: event.right, partition: 3, offset, appendedAt }]).columns;
  return columns.map((name) => written(batch[name]![0]));
};

const theirs = async (value: Uint8Array | null, offset: bigint, appendedAt: number): Promise<Verdict> => {
  const bytes = value === null ? null : Buffer.from(value).toString("base64");
  python.stdin!.write(`${JSON.stringify([bytes, positionId(log, 3, offset), appendedAt])}\n`);
  return JSON.parse((await answers.next()).value);
};

const agree = async (value: Uint8Array, offset = 9n, appendedAt = arrival): Promise<Verdict> => {
  const verdict = await theirs(value, offset, appendedAt);
  expect(verdict).toEqual(ours(value, offset, appendedAt));
  return verdict;
};

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const good = '"user_id":"u","item_id":"i","event_type":"click","timestamp":1600000000';
const withFields = (more: string): string => `{${good},${more}}`;

/** JSON text of one value, as clients write it, or nearly. */
const text = (longest: number) =>
  fc.oneof(
    fc.string({ minLength: 1, maxLength: 12, unit: "binary" }).map((value) => JSON.stringify(value)),
    fc.constantFrom(longest - 1, longest, longest + 1).map((length) => JSON.stringify("é".repeat(length))),
    fc.constantFrom(longest / 2, longest / 2 + 1).map((length) => JSON.stringify("😀".repeat(length))),
    fc.constantFrom('"\\ud83d"', '"a\\ude00\\ud83db"', '"\\uD83D\\uDE00"', '"\\u0000"', '"\\u00g0"', '"\\a"', '"\\/"'),
    fc.constantFrom('"a\tb"', '"\u007f"', '"\u2028"', '"', '""', "7", "null", "true", "[]", '{"a":"b"}', "'u'"),
  );

const number = fc.oneof(
  fc.double().map(String),
  fc.integer({ min: -3, max: 1003 }).map(String),
  fc.constantFrom("1.0", "1e0", "10e2", "100.1", "-0", "0", "0.0", "1e400", "-1e400", "1e-400", "NaN", "Infinity"),
  fc.constantFrom("01", "+1", ".5", "1.", "1e", "0x10", "1_000", "٣", "-Infinity", "2147483647", "2147483648"),
  fc.constantFrom("9007199254740993", `1${"0".repeat(400)}`, "9".repeat(5000), "null", '"1"', "true", "[1]", ""),
);

const time = fc.oneof(
  fc.double({ min: 1, max: 3e9, noNaN: true }).map(String),
  fc.constantFrom("31535999.999", "31536000", "1700086400.25", "1700086400.250001", "1.6e9", "16e8", "1600000000000"),
  number,
);

const replay = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("0", "65535", "65536", "1.0", "1.5", '"1"'),
      fc.constantFrom(
        '"0"',
        '"-1"',
        '"9223372036854775807"',
        '"-2"',
        '""',
        "3",
        '"٣"',
        '"1\\n"',
        `"${"1".repeat(20)}"`,
      ),
      fc.constantFrom("true", "false", '"true"', "1"),
      fc.constantFrom("[]", '["m"]', '["m",1]', "null", '"m"', '{"0":"m"}'),
      fc.constantFrom("", ',"else":[{}]', ',"archived":false'),
    )
    .map(
      ([partition, offset, archived, missed, more]) =>
        `{"partition":${partition},"offset":${offset},"archived":${archived},"missed":${missed}${more}}`,
    ),
  fc.constantFrom(true, false).map((archived) => `{"partition":3,"offset":"14","archived":${archived},"missed":["m"]}`),
  fc.constantFrom("null", "[]", "{}", '"3-14"', '[{"partition":0,"offset":"0","archived":true,"missed":[]}]'),
);

const fields = {
  event_id: text(128),
  user_id: text(256),
  item_id: text(256),
  event_type: fc.oneof(text(64), fc.constantFrom('"click"', '"stare"')),
  timestamp: time,
  quantity: number,
  user_idx: number,
  item_idx: number,
  recommendation_id: text(512),
  replay_of: replay,
  forget: fc.constantFrom("true", "false", "1", "null"),
  else: fc.oneof(fc.json(), fc.constantFrom("[[[]]]", '{"__proto__":{"user_id":"x"}}', "[1,]", "{,}")),
};

const member = fc
  .constantFrom(...(Object.keys(fields) as Array<keyof typeof fields>))
  .chain((name) => fields[name].map((value) => `"${name}":${value}`));

/** A right event, some of whose fields are given again, others beside: the last one of a name counts. */
const nearly = fc
  .tuple(fc.array(member, { minLength: 1, maxLength: 3 }), fc.constantFrom("", "\ufeff", " \n\t", "\u00a0", "\v"))
  .map(([members, before]) => utf8(before + withFields(members.join(", "))));

const broken = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.json().map(utf8),
  fc
    .tuple(nearly, fc.nat(), fc.integer({ min: 0, max: 255 }))
    .map(([bytes, at, byte]) => bytes.with(at % bytes.length, byte)),
  fc.tuple(nearly, fc.nat()).map(([bytes, length]) => bytes.slice(0, length % bytes.length)),
);

describe("Both decoders", () => {
  it("agree on each field, right, nearly right and wrong", async () => {
    const seen = { refused: 0, archived: 0, event: 0 };
    await fc.assert(
      fc.asyncProperty(nearly, async (value) => {
        const verdict = await agree(value);
        seen[typeof verdict === "string" ? verdict : "event"] += 1;
      }),
      { numRuns: 10_000 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(20);
  });

  it("agree on bytes that are no events", () =>
    fc.assert(
      fc.asyncProperty(broken, async (value) => void (await agree(value))),
      { numRuns: 5000 },
    ));

  it("agree on times, whenever they arrived", () =>
    fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0, max: 1e13, noNaN: true }),
        fc.oneof(fc.constantFrom(0, 1e13, 9e15), fc.double({ min: 0, max: 5e9, noNaN: true })),
        async (timestamp, at) => void (await agree(utf8(withFields(`"timestamp":${timestamp}`)), 1n << 62n, at)),
      ),
      { numRuns: 2000 },
    ));

  it("take the place of an event that came without an id for its id", async () => {
    expect(await agree(utf8(`{${good}}`), 1n << 62n)).toContain(`${log}-3-4611686018427387904`);
  });

  it("refuse a record without a value, and one whose key comes twice where the second is wrong", async () => {
    expect(await theirs(null, 9n, arrival)).toBe("refused");
    expect(await agree(new Uint8Array())).toBe("refused");
    expect(await agree(utf8(withFields('"user_id":"v","user_id":7')))).toBe("refused");
    expect(await agree(utf8(withFields('"user_id":7,"user_id":"v"')))).toContain("v");
  });

  it("differ on values nested deeper than Python follows, which are then told to be no events", async () => {
    const deep = utf8(withFields(`"else":${"[".repeat(200_000)}${"]".repeat(200_000)}`));
    expect(await theirs(deep, 9n, arrival)).toBe("refused");
    expect(ours(deep, 9n, arrival)).toContain("u");
  });
});
