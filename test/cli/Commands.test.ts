/** Every command there is, from what is typed to the layers that it is started on; in this process, so without its program. */
import * as NodeContext from "@effect/platform-node/NodeContext";
import { describe, expect, it } from "@effect/vitest";
import { Context, Effect, Either, Exit, Layer } from "effect";
import { adapters } from "../../layers/Settings.ts";
import { type Command, withPaths } from "../../src/cli/Command.ts";
import { commands } from "../../src/cli/Commands.ts";
import { exitCode } from "../../src/cli/ExitCode.ts";
import { page } from "../../src/cli/Help.ts";
import { run, type Wiring } from "../../src/cli/Run.ts";
import { settingsWith } from "../../src/cli/Settings.ts";
import { UsageError } from "../../src/cli/UsageError.ts";
import { read } from "../../src/cli/Words.ts";

const settingsOf = settingsWith(adapters);

/** What a command stands on is the last layer that is built for it: there this process ends. */
class Begun extends Error {
  override readonly name = "Begun";
}

const stops = (on: string) => Layer.fail(new Begun(on)) as Layer.Layer<never, unknown>;
const empty = Layer.succeedContext(Context.empty()) as Layer.Layer<never, unknown>;

/** Layers of which all are empty, but the one that `on` names. */
const wiringFor = (on: Command["program"]["on"], logging = empty) => {
  const at = (name: string) => (name === on ? stops(name) : empty);
  const wiring = { files: at("files"), log: at("log"), stores: at("stores"), http: at("api"), health: empty };
  return { ...wiring, logging, settings: adapters, told: Effect.never } as unknown as Wiring;
};

type Texts = Readonly<Record<string, string>>;

/** How the process would end that was given these words. */
const ended = (command: Command, words: ReadonlyArray<string>, environment: Texts = {}, logging = empty) => {
  const texts = new Map(Object.entries(environment));
  const program = Effect.flatMap(read(words, texts, adapters), (request) =>
    request._tag === "Run" ? run(request, texts, wiringFor(command.program.on, logging)) : Effect.succeed(request._tag),
  ).pipe(Effect.provide(NodeContext.layer));
  return Effect.map(Effect.exit(program), (exit) => ({
    code: exitCode(exit, command, undefined),
    error: Exit.match(exit, {
      onFailure: (cause) => (cause._tag === "Fail" ? cause.error : cause),
      onSuccess: () => undefined,
    }),
  }));
};

const refused = (command: Command, words: ReadonlyArray<string>, environment?: Texts) =>
  Effect.map(ended(command, words, environment), ({ code, error }) => {
    expect(error).toBeInstanceOf(UsageError);
    expect(code).toBe(64);
    return (error as UsageError).problems;
  });

const paths = withPaths(commands);

/** What the command cannot be without. */
const needed = ({ oneOf = [], operands = [], required = [] }: Command) => ({
  words: operands.map(() => "abc"),
  flags: [...required, ...oneOf.slice(0, 1)].flatMap(({ flag, kind, parse }) => [
    `--${flag}`,
    ...(kind === "boolean" ? [] : [["1 day", "x", "x.csv"].find((text) => parse(text)._tag === "Some") ?? "none"]),
  ]),
});

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** A text that the setting refuses, if there is one. */
const wrongText = (parse: (text: string) => { readonly _tag: string }) =>
  ["=?!", "1e999"].find((text) => parse(text)._tag === "None");

describe.each(paths)("%s", (path, command) => {
  const words = path.split(" ");
  const whole = [...words, ...needed(command).words, ...needed(command).flags];

  it.effect("logs by one logger, also where it warns of what it was given", () =>
    Effect.gen(function* () {
      let loggers = 0;
      const logging = Layer.effectDiscard(Effect.sync(() => void loggers++));
      const { error } = yield* ended(command, whole, { LEARNIG_RATE: "0.5" }, logging);
      expect(error).toBeInstanceOf(Begun);
      expect(loggers).toBe(1);
    }),
  );

  it("has a help page, which needs nothing that the command needs", () => {
    for (const asking of [
      [...words, "--help"],
      ["-h", ...words],
      ["help", ...words],
    ]) {
      const request = Either.getOrThrow(read(asking, new Map(), adapters));
      if (request._tag !== "Page") return expect.unreachable(request._tag);
      expect(page("1.2.3", request.path, request.command, adapters)).toContain(`${path}: ${command.about}`);
    }
  });

  it.effect("starts on the layer that it names", () =>
    Effect.gen(function* () {
      const { code, error } = yield* ended(command, whole);
      expect(String(error)).toBe(`Begun: ${command.program.on}`);
      expect(code).toBe(1);
    }),
  );

  it.effect("is refused without what it needs, each by its name, with how to give it", () =>
    Effect.gen(function* () {
      const { oneOf = [], operands = [], required = [] } = command;
      if (operands.length > 0) {
        const problems = yield* refused(command, words);
        expect(problems).toEqual(
          operands.map(({ name }) => expect.stringContaining(`\`node dist/main.js ${path} ${name}\``)),
        );
      }
      if (required.length + oneOf.length > 0) {
        const text = (yield* refused(command, [...words, ...needed(command).words])).join("\n");
        for (const { env, flag } of [...required, ...oneOf]) expect(text).toContain(`--${flag} (or ${env})`);
      }
    }),
  );

  it.effect("is refused with a word too many", () =>
    Effect.gen(function* () {
      const [problem, ...more] = yield* refused(command, [...words, ...needed(command).words, "nonsense"]);
      expect(more).toEqual([]);
      expect(problem).toMatch(
        command.steps === undefined
          ? /takes no further word: `nonsense`; see `node dist\/main\.js .* --help`$/
          : /knows no `nonsense`; allowed: /,
      );
    }),
  );

  it.effect("is refused with a flag that it does not have, and says what was meant", () =>
    Effect.gen(function* () {
      expect(yield* refused(command, [...whole, "--nonsense"])).toEqual([
        `\`${path}\` has no flag \`--nonsense\`; see \`node dist/main.js ${path} --help\``,
      ]);
      const own = settingsOf(command).map(({ flag }) => flag);
      const long = own.filter((flag) => flag.length > 7);
      const meant = yield* refused(command, [...whole, ...long.map((flag) => `--${flag.slice(0, -1)}~`)]);
      expect(meant).toEqual(long.map((flag) => expect.stringContaining(`: did you mean \`--${flag}\`?`)));
      const others = new Set(paths.flatMap(([, other]) => settingsOf(other)).map(({ flag }) => flag));
      const foreign = [...others].filter((flag) => !own.includes(flag));
      const owned = yield* refused(command, [...whole, ...foreign.map((flag) => `--${flag}=1`)]);
      expect(owned).toEqual(foreign.map((flag) => expect.stringContaining(`\`--${flag}\`; it is one of \``)));
    }),
  );

  it.effect("is refused with wrong values, by flag or variable, and says of each what is allowed", () =>
    Effect.gen(function* () {
      const strict = settingsOf(command).flatMap((setting) => {
        const text = wrongText(setting.parse);
        return text === undefined ? [] : [{ ...setting, text }];
      });
      expect(strict.length).toBeGreaterThan(1);
      const told = (name: string, allowed: string) =>
        expect.stringMatching(`^${name} (?:is ".*"|cannot be used .*);(?: .*;)? allowed: ${escaped(allowed)}`);
      const typed = yield* refused(command, [...whole, ...strict.map(({ flag, text }) => `--${flag}=${text}`)]);
      expect([...typed].sort()).toEqual(
        [...strict].sort((a, b) => (a.flag < b.flag ? -1 : 1)).map(({ allowed, flag }) => told(`--${flag}`, allowed)),
      );
      const set = yield* refused(
        command,
        [...words, ...needed(command).words],
        Object.fromEntries(strict.map(({ env, text }) => [env, text])),
      );
      for (const { allowed, env } of strict) expect(set).toContainEqual(told(env, allowed));
      const empty = yield* refused(command, [...whole, ...strict.map(({ flag }) => `--${flag}=`)]);
      expect(empty).toEqual(strict.map(({ flag }) => `--${flag} has an empty value: give one, or leave the flag out`));
    }),
  );
});

describe.each(commands.map((command) => [command.name, command] as const))("ROLE=%s", (name, command) => {
  const { flags, words } = needed(command);

  it.effect("starts it, with what flags and variables give", () =>
    Effect.gen(function* () {
      for (const role of [name, name.toUpperCase(), ` ${name} `]) {
        const { error } = yield* ended(command, flags, { ROLE: role });
        // Words would name a command, so one that needs some cannot be a role.
        expect(String(error)).toMatch(words.length === 0 ? new RegExp(`^Begun: ${command.program.on}$`) : / needs /);
      }
    }),
  );

  it.effect("loses to a word", () =>
    Effect.gen(function* () {
      const other = commands.find((other) => other.name !== name && other.operands === undefined);
      if (other === undefined) return expect.unreachable();
      const { error } = yield* ended(other, [other.name, ...needed(other).flags], { ROLE: name });
      expect(String(error)).toBe(`Begun: ${other.program.on}`);
    }),
  );
});

it("no two commands have one name, and each says what it does in a part of a sentence", () => {
  expect(new Set(paths.map(([path]) => path)).size).toBe(paths.length);
  for (const [path, { about }] of paths) expect(about, path).toMatch(/^[a-z].*[^.]$/);
});
