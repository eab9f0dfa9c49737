import { describe, expect, it } from "@effect/vitest";
import { Either } from "effect";
import fc from "fast-check";
import { adapters } from "../../layers/Settings.ts";
import { withPaths } from "../../src/cli/Command.ts";
import { commands } from "../../src/cli/Commands.ts";
import { settingsWith } from "../../src/cli/Settings.ts";
import { read } from "../../src/cli/Words.ts";

const paths = withPaths(commands);
const settingsOf = settingsWith(adapters);

const asked = (line: string | ReadonlyArray<string>, role = "") =>
  read(
    typeof line === "string" ? line.split(" ").filter((word) => word !== "") : line,
    new Map([["ROLE", role]]),
    adapters,
  );

/** The request in short: `batch train` with ALS_RANK=8, or what is wrong. */
const short = (line: string | ReadonlyArray<string>, role?: string) =>
  Either.match(asked(line, role), {
    onLeft: ({ problems }) => problems,
    onRight: (request) =>
      request._tag === "Run"
        ? [request.path, ...request.operands, ...[...request.given].map(([env, { text }]) => `${env}=${text}`)]
        : request._tag === "Page"
          ? [`page of ${request.path}`]
          : [request._tag],
  });

describe("words name a command", () => {
  it.each(paths.map(([path, command]) => [path, command] as const))("%s", (path, { operands = [] }) => {
    const words = [...path.split(" "), ...operands.map(() => "abc")];
    expect(short(words)).toEqual([path, ...operands.map(() => "abc")]);
    expect(short([...words, "--help"])).toEqual([`page of ${path}`]);
    expect(short(["-h", ...words])).toEqual([`page of ${path}`]);
    expect(short(["help", ...path.split(" ")])).toEqual([`page of ${path}`]);
  });

  it.each([
    ["", "FirstPage"],
    ["help", "FirstPage"],
    ["--help", "FirstPage"],
    ["-h", "FirstPage"],
    ["--version", "Version"],
    ["batch --version", "Version"],
  ])("%j asks for the %s", (line, tag) => expect(short(line)).toEqual([tag]));

  it.each([
    ["trian", "there is no command `trian`: did you mean `batch train`?; see `node dist/main.js help`"],
    ["updatr", "there is no command `updatr`: did you mean `updater`?; see `node dist/main.js help`"],
    ["Batch", "there is no command `Batch`: did you mean `batch`?; see `node dist/main.js help`"],
    ["nonsense", "there is no command `nonsense`; see `node dist/main.js help`"],
    ["nonsense --help", "there is no command `nonsense`; see `node dist/main.js help`"],
    ["batch trian", "`batch` knows no `trian`: did you mean `batch train`?"],
    ["batch 7", "`batch` knows no `7`; allowed: csv-to-delta, preprocess, train, load, popular, forget, all"],
    [
      "models use",
      "`models use` needs ID, the id of the model, or its first characters: `node dist/main.js models use ID`",
    ],
    [
      "sql",
      "`sql` needs SELECT, the question over raw.transactions, raw.events, processed.train_data and so on: " +
        "`node dist/main.js sql SELECT`",
    ],
    ["models use a b", "`models use` takes no further word: `b`; see `node dist/main.js models use --help`"],
    ["updater now", "`updater` takes no further word: `now`; see `node dist/main.js updater --help`"],
  ])("%j: %s", (line, problem) => expect(short(line)).toEqual([problem]));

  it("quotes no control characters and no endless words", () => {
    const [problem] = short([`\u001b[31m${"x".repeat(1000)}`]);
    expect(problem).toMatch(/^[ -~…]+$/);
    expect(problem.length).toBeLessThan(150);
  });
});

describe("ROLE names the command where no word does", () => {
  it.each([
    ["", "updater", "updater"],
    ["--port 1", "api", "api PORT=1"],
    ["", "UPDATER", "updater"],
    ["", " ", "FirstPage"],
    ["", "help", "FirstPage"],
    ["generate", "updater", "generate"],
    ["help", "updater", "FirstPage"],
    ["--help", "updater", "page of updater"],
    ["--help", "nonsense", "FirstPage"],
    ["generate", "nonsense", "generate"],
  ])("%j with ROLE=%s is %s", (line, role, request) => expect(short(line, role).join(" ")).toBe(request));

  it("and is one of the commands", () => {
    const [problem] = short("", "nonsense");
    expect(problem).toBe(`ROLE is "nonsense"; allowed: help, ${commands.map(({ name }) => name).join(", ")}`);
  });
});

describe("flags", () => {
  it.each([
    ["batch --als-rank 8 train", "batch train ALS_RANK=8"],
    ["--als-rank 8 batch train", "batch train ALS_RANK=8"],
    ["batch train --als-rank=8", "batch train ALS_RANK=8"],
    ["batch train --als-rank 8 --als-rank 16", "batch train ALS_RANK=16"],
    ["--log-level debug updater", "updater LOG_LEVEL=debug"],
    ["updater --log-level=info", "updater LOG_LEVEL=info"],
    ["generate --overwrite", "generate GENERATE_OVERWRITE=true"],
    ["generate --overwrite --seed 1", "generate GENERATE_OVERWRITE=true GENERATE_SEED=1"],
    ["generate --overwrite false", "generate GENERATE_OVERWRITE=false"],
    ["generate --overwrite=false", "generate GENERATE_OVERWRITE=false"],
    ["--overwrite generate", "generate GENERATE_OVERWRITE=true"],
    ["models --redis-cluster true use abc", "models use abc REDIS_CLUSTER=true"],
    ["models --redis-cluster use true", "models use true REDIS_CLUSTER=true"],
    ["producer --rate -5", "producer PRODUCER_RATE=-5"],
    ["producer --seed 3", "producer PRODUCER_SEED=3"],
    ["models use -- --odd", "models use --odd"],
    ["batch load --model 2020", "batch load LOAD_MODEL=2020"],
  ])("%s is %s", (line, request) => expect(short(line).join(" ")).toBe(request));

  it.each([
    ["batch train --als-rnk 8", "`batch train` has no flag `--als-rnk`: did you mean `--als-rank`?"],
    ["batch --als-rnk 8 train", "there is no flag `--als-rnk`: did you mean `--als-rank`?"],
    ["batch train --ALS_RANK 8", "`batch train` has no flag `--ALS_RANK`: did you mean `--als-rank`?"],
    ["api -port 8", "`api` has no flag `-port`: did you mean `--port`?"],
    ["generate --port 8", "`generate` has no flag `--port`; it is one of `all-in-one`, `api`"],
    ["updater --unheard-of", "`updater` has no flag `--unheard-of`; see `node dist/main.js updater --help`"],
    ["--als-rank 8", "--als-rank needs a command; see `node dist/main.js help`"],
    ["api --port", "--port has no value; one that begins with a dash is given as --port=VALUE"],
    ["api --port --host ::", "--port has no value; one that begins with a dash is given as --port=VALUE"],
    ["api --port=", "--port has an empty value: give one, or leave the flag out"],
  ])("%s: %s", (line, problem) => expect(short(line)).toEqual([problem]));

  it("may stand anywhere", () => {
    const flag = fc.constantFrom(["--als-rank", "8"], ["--als-seed=1"], ["--kafka-tls"], ["--log-level", "debug"]);
    fc.assert(
      fc.property(fc.array(fc.tuple(flag, fc.nat(2)), { maxLength: 5 }), (flags) => {
        const at = (place: number) => flags.filter(([, where]) => where === place).flatMap(([words]) => words);
        const mixed = short([...at(0), "batch", ...at(1), "train", ...at(2)]);
        const behind = short(["batch", "train", ...at(0), ...at(1), ...at(2)]);
        expect([...mixed].sort()).toEqual([...behind].sort());
      }),
    );
  });

  it("mean one thing in a command, and take a value in all or in none", () => {
    for (const [path, command] of paths) {
      const flags = settingsOf(command).map(({ flag }) => flag);
      expect(new Set(flags).size, path).toBe(flags.length);
      expect(flags).not.toContain("help");
      expect(flags).not.toContain("version");
    }
    const kinds = new Map<string, boolean>();
    for (const { flag, kind } of paths.flatMap(([, command]) => settingsOf(command))) {
      expect(kinds.get(flag) ?? kind === "boolean", flag).toBe(kind === "boolean");
      kinds.set(flag, kind === "boolean");
    }
  });

  it("are in no message with their values, however misspelt", () => {
    const secret = fc.string({ unit: fc.constantFrom(..."xyzXYZ019@:/ "), minLength: 5, maxLength: 12 });
    const flag = fc.constantFrom(
      "--redis-password",
      "--redis-pasword",
      "--redis-url",
      "-redis-url",
      "--key",
      "--port",
      "-p",
    );
    const line = fc.oneof(
      fc.tuple(flag, secret).map(([flag, secret]) => ({ words: [flag, secret], secret })),
      fc.tuple(flag, secret).map(([flag, secret]) => ({ words: [`${flag}=${secret}`], secret })),
    );
    fc.assert(
      fc.property(
        line,
        fc.subarray(["updater", "--host", "models", "--redis-cluster"]),
        fc.boolean(),
        (typed, more, first) => {
          const words = first ? [...typed.words, ...more] : [...more, ...typed.words];
          const request = asked(words);
          if (Either.isLeft(request)) expect(request.left.message).not.toContain(typed.secret);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
