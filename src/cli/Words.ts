/**
 * Words: what was typed, as a request. A flag counts wherever it stands: before the command, within it or after it.
 *
 * `--flag value` and `--flag=value` are the same; a boolean may stand alone. Of a flag given twice the last one counts. What
 * cannot be understood is a `UsageError` that names the nearest word; the value of a flag is in no message.
 */
import { Either, Option } from "effect";
import type { Texts } from "../config/Check.ts";
import { complaint, isUnset } from "../config/Setting.ts";
import { nearest } from "../domain/Spelling.ts";
import { type Flag, split } from "./Arguments.ts";
import { type Command, withPaths } from "./Command.ts";
import { commands } from "./Commands.ts";
import { role } from "./Role.ts";
import { type Adapters, type SettingsOf, settingsWith } from "./Settings.ts";
import { UsageError } from "./UsageError.ts";

/** A value, and how it was given. */
export interface Given {
  readonly name: string;
  readonly text: string;
}

export type Request =
  | { readonly _tag: "FirstPage" }
  | { readonly _tag: "Version" }
  | { readonly _tag: "Page"; readonly path: string; readonly command: Command }
  | {
      readonly _tag: "Run";
      readonly path: string;
      readonly command: Command;
      readonly operands: ReadonlyArray<string>;
      /** By environment variable. */
      readonly given: ReadonlyMap<string, Given>;
    };

const paths = withPaths(commands);

const program = "node dist/main.js";
const seeHelp = (path: string) => `see \`${program} ${path === "" ? "help" : `${path} --help`}\``;
const perhaps = (meant: string | undefined) => (meant === undefined ? "" : `: did you mean \`${meant}\`?`);

/** Words as they are quoted in messages: never long, never with control characters. */
const quoted = (word: string): string => {
  const shown = JSON.stringify(word.length > 40 ? `${word.slice(0, 40)}…` : word).slice(1, -1);
  return `\`${shown}\``;
};

/** The command that the words name, and what is left of them. */
const commandOf = (words: ReadonlyArray<string>) => {
  const [word, second] = words;
  const command = commands.find(({ name }) => name === word);
  if (command === undefined) {
    // A step alone is understood too: `train` is `batch train`.
    const candidates = new Map(paths.map(([path, { name }]) => [name, path]));
    const meant = candidates.get(nearest(word, candidates.keys()) ?? "");
    return Either.left(`there is no command ${quoted(word)}${perhaps(meant)}; ${seeHelp("")}`);
  }
  if (command.steps === undefined || second === undefined) {
    return Either.right({ command, path: command.name, operands: words.slice(1) });
  }
  const step = command.steps.find(({ name }) => name === second);
  if (step !== undefined) {
    return Either.right({ command: step, path: `${command.name} ${step.name}`, operands: words.slice(2) });
  }
  const names = command.steps.map(({ name }) => name);
  const meant = nearest(second, names);
  const instead = meant === undefined ? `; allowed: ${names.join(", ")}` : perhaps(`${command.name} ${meant}`);
  return Either.left(`\`${command.name}\` knows no ${quoted(second)}${instead}`);
};

const operandProblems = (path: string, command: Command, operands: ReadonlyArray<string>): ReadonlyArray<string> => {
  const wanted = command.operands ?? [];
  return [
    ...wanted
      .slice(operands.length)
      .map(({ about, name }) => `\`${path}\` needs ${name}, the ${about}: \`${program} ${path} ${name}\``),
    ...operands
      .slice(wanted.length)
      .map((word) => `\`${path}\` takes no further word: ${quoted(word)}; ${seeHelp(path)}`),
  ];
};

interface Target {
  readonly path: string;
  readonly command: Command;
}

/** Why the target (where there is none: any command) has no such flag, and which one was meant. */
const flagProblem = (settingsOf: SettingsOf, { typed }: Flag, target: Target | undefined): string | undefined => {
  const has = (command: Command): boolean => settingsOf(command).some(({ flag }) => `--${flag}` === typed);
  const possible = target === undefined ? paths.map(([, command]) => command) : [target.command];
  if (possible.some(has)) return undefined;
  const wrong = `${target === undefined ? "there is" : `\`${target.path}\` has`} no flag ${quoted(typed)}`;
  const owners = paths.filter(([, command]) => has(command)).map(([path]) => `\`${path}\``);
  if (owners.length > 0) return `${wrong}; it is one of ${owners.join(", ")}`;
  const own = possible.flatMap((command) => settingsOf(command).map(({ flag }) => flag));
  const meant = nearest(typed.replace(/^-+/, ""), own);
  return meant === undefined ? `${wrong}; ${seeHelp(target?.path ?? "")}` : `${wrong}${perhaps(`--${meant}`)}`;
};

const valueProblem = ({ typed, value }: Flag): string | undefined =>
  value === undefined
    ? `${typed} has no value; one that begins with a dash is given as ${typed}=VALUE`
    : isUnset(value)
      ? `${typed} has an empty value: give one, or leave the flag out`
      : undefined;

const unique = (texts: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(texts)];

/** Where no word names a command, ROLE does. */
export const read = (
  args: ReadonlyArray<string>,
  environment: Texts,
  adapters: Adapters,
): Either.Either<Request, UsageError> => {
  const settingsOf = settingsWith(adapters);
  const fail = (...problems: ReadonlyArray<string>) => Either.left(new UsageError({ problems: unique(problems) }));
  const { flags: all, words: typed } = split(
    args,
    paths.flatMap(([, command]) => settingsOf(command)),
  );
  const asksFor = (name: string) => all.some((flag) => flag.name === name);
  const flags = all.filter(({ name }) => name !== "help" && name !== "version");
  if (asksFor("version") && !asksFor("help")) return Either.right({ _tag: "Version" });

  const help = typed[0] === "help" || asksFor("help");
  const named = typed[0] === "help" ? typed.slice(1) : typed;
  const roleText = typed.length > 0 ? "" : (environment.get(role.env) ?? "");
  const chosen = isUnset(roleText) ? "help" : Option.getOrUndefined(role.parse(roleText));
  if (chosen === undefined && !help) return fail(complaint(role, role.env, roleText));
  const words = chosen === undefined || chosen === "help" ? named : [chosen];
  if (words.length === 0 && (help || flags.length === 0)) return Either.right({ _tag: "FirstPage" });
  const found = words.length === 0 ? undefined : commandOf(words);
  const target = found === undefined || Either.isLeft(found) ? undefined : found.right;

  // First of all, since words after such a flag may be its value, which is in no message.
  const unread = flags.flatMap((flag) => flagProblem(settingsOf, flag, target) ?? valueProblem(flag) ?? []);
  if (help && target !== undefined) return Either.right({ _tag: "Page", path: target.path, command: target.command });
  if (unread.length > 0) return fail(...unread);
  if (found === undefined) return fail(`${flags[0].typed} needs a command; ${seeHelp("")}`);
  if (Either.isLeft(found)) return fail(found.left);

  const { command, operands, path } = found.right;
  const problems = operandProblems(path, command, operands);
  if (problems.length > 0) return fail(...problems);
  const envOf = new Map(settingsOf(command).map(({ env, flag }) => [flag, env]));
  const given = flags.map(
    ({ name, typed, value = "" }) => [envOf.get(name) ?? name, { name: typed, text: value }] as const,
  );
  return Either.right({ _tag: "Run", path, command, operands, given: new Map(given) });
};
