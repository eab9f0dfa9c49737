/**
 * A setting: one value a user may choose, by flag or by environment variable.
 *
 * Each setting is declared once, beside what reads it, and read through `config`. A command-line flag is nothing but an entry
 * laid over the environment (`cli/Run.ts`), so services read `Config` alone. A value that is empty, or nothing but white
 * space, is unset: the default holds.
 */
import { Config, ConfigError, Duration, Either, Option, Redacted } from "effect";
import { parseBoolean, parseDuration, parseInteger, parseNumber } from "./Grammar.ts";

export type Kind = "integer" | "number" | "text" | "boolean" | "duration" | "choice" | "secret";

export interface Setting<out A> {
  /** Environment variable, e.g. `ALS_RANK`. */
  readonly env: string;
  /** Command-line flag without its dashes, e.g. `als-rank`. */
  readonly flag: string;
  readonly kind: Kind;
  readonly choices: ReadonlyArray<string>;
  /** What may be given, e.g. `whole number from 8 to 256`. */
  readonly allowed: string;
  /** The default as it would be typed. Empty: unset. */
  readonly fallback: string;
  readonly description: string;
  /** The value may hold a secret: no message shows it. */
  readonly hidden: boolean;
  /** What is secret of a text: nothing, or all of it and, by themselves, parts of it. */
  readonly secrets: (text: string) => ReadonlyArray<string>;
  /** The value of a text that is not blank. */
  readonly parse: (text: string) => Option.Option<A>;
  /** What is wrong with a text that has none, where more can be told than what is allowed. */
  readonly problem: (text: string) => ReadonlyArray<string>;
  /** Reads the value; fails with a `ConfigError` that says what `complaint` says. */
  readonly config: Config.Config<A>;
  /** The same; none where it is unset, so that something else than the default may stand in for it. */
  readonly given: Config.Config<Option.Option<A>>;
}

interface Declaration<A> {
  readonly default: A;
  readonly description: string;
}

export const isUnset = (text: string): boolean => text.trim() === "";

const longestShown = 80;

/** What is not plain from what is allowed. */
const grammarOf = (kind: Kind): string =>
  kind === "duration" ? " (a number and ms, s, min, h, d or w, as in `300 s` or `5 minutes`)" : "";

/** The sentence about a wrong value: what was given, unless it may be secret, and what may be. `name`: how it was given. */
export const complaint = ({ allowed, hidden, kind, problem }: Setting<unknown>, name: string, text: string): string => {
  const shown = JSON.stringify(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text);
  const wrong = hidden ? "cannot be used (its value may hold a secret and is not shown)" : `is ${shown}`;
  return [`${name} ${wrong}`, ...problem(text), `allowed: ${allowed}${grammarOf(kind)}`].join("; ");
};

const declare = <A>(
  env: string,
  unset: A,
  rest: Pick<Setting<A>, "kind" | "allowed" | "fallback" | "description" | "parse"> & {
    readonly choices?: ReadonlyArray<string>;
    readonly hidden?: boolean;
    readonly secrets?: (text: string) => ReadonlyArray<string>;
    readonly problem?: (text: string) => ReadonlyArray<string>;
  },
): Setting<A> => {
  const setting = {
    env,
    flag: env.toLowerCase().replaceAll("_", "-"),
    choices: [],
    hidden: false,
    secrets: () => [],
    problem: () => [],
    ...rest,
  };
  const read = (text: string): Either.Either<Option.Option<A>, ConfigError.ConfigError> =>
    isUnset(text)
      ? Either.right(Option.none())
      : Either.map(
          Either.fromOption(setting.parse(text), () => ConfigError.InvalidData([env], complaint(self, env, text))),
          Option.some,
        );
  const text = Config.option(Config.string(env));
  const given = Config.mapOrFail(text, (typed) => read(Option.getOrElse(typed, () => "")));
  const self: Setting<A> = {
    ...setting,
    config: Config.map(
      given,
      Option.getOrElse(() => unset),
    ),
    given,
  };
  return self;
};

const rangeOf = (min: string | number, max: string | number | undefined): string =>
  max === undefined ? ` from ${min} up` : ` from ${min} to ${max}`;

interface Numeric extends Declaration<number> {
  readonly min: number;
  readonly max?: number;
}

const within =
  ({ min, max = Number.POSITIVE_INFINITY }: Numeric) =>
  (value: number): boolean =>
    value >= min && value <= max;

export const integer = (env: string, options: Numeric & { readonly multipleOf?: number }): Setting<number> => {
  const { multipleOf = 1 } = options;
  const multiple = multipleOf === 1 ? "" : `, a multiple of ${multipleOf}`;
  return declare(env, options.default, {
    kind: "integer",
    allowed: `whole number${rangeOf(options.min, options.max)}${multiple}`,
    fallback: String(options.default),
    description: options.description,
    parse: (text) =>
      Option.filter(parseInteger(text.trim()), (value) => within(options)(value) && value % multipleOf === 0),
  });
};

export const number = (env: string, options: Numeric): Setting<number> =>
  declare(env, options.default, {
    kind: "number",
    allowed: `number${rangeOf(options.min, options.max)}`,
    fallback: String(options.default),
    description: options.description,
    parse: (text) => Option.filter(parseNumber(text.trim()), within(options)),
  });

/** A form that a text must have, and how to read it. */
export interface Form {
  readonly allowed: string;
  readonly hidden?: boolean;
  /** Parts of the text that are secret. */
  readonly secrets?: (text: string) => ReadonlyArray<string>;
  readonly parse: (text: string) => Option.Option<string>;
}

const anyText: Form = { allowed: "text", parse: Option.some };

export const text = (env: string, options: Declaration<string>, form: Form = anyText): Setting<string> =>
  declare(env, options.default, { kind: "text", fallback: options.default, description: options.description, ...form });

/** A text with a grammar of its own: `read` answers the value, or what is wrong with the text. */
export const spelled = <A>(
  env: string,
  options: Declaration<A> & {
    readonly fallback: string;
    readonly allowed: string;
    readonly read: (text: string) => Either.Either<A, string>;
  },
): Setting<A> =>
  declare(env, options.default, {
    kind: "text",
    allowed: options.allowed,
    fallback: options.fallback,
    description: options.description,
    parse: (text) => Option.getRight(options.read(text)),
    problem: (text) => Either.match(options.read(text), { onLeft: (why) => [why], onRight: () => [] }),
  });

/** Values with commas between them, each of the form `entry`, which `allowed` puts in words. Unset: none. */
export const list = (
  env: string,
  options: { readonly description: string; readonly entry: RegExp; readonly allowed: string },
): Setting<ReadonlyArray<string>> =>
  declare<ReadonlyArray<string>>(env, [], {
    kind: "text",
    allowed: `${options.allowed}, with commas between them`,
    fallback: "",
    description: options.description,
    parse: (text) => {
      const entries = text.split(",").map((entry) => entry.trim());
      return entries.every((entry) => options.entry.test(entry)) ? Option.some(entries) : Option.none();
    },
  });

/** A password, key or URL with one: redacted in logs and in `--help`. Unset is the empty text. */
export const secret = (
  env: string,
  options: { readonly description: string },
  form: Form = anyText,
): Setting<Redacted.Redacted> =>
  declare(env, Redacted.make(""), {
    kind: "secret",
    fallback: "",
    description: options.description,
    allowed: form.allowed,
    hidden: true,
    secrets: (text) => [text, ...(form.secrets?.(text) ?? [])],
    parse: (text) => Option.map(form.parse(text), (value) => Redacted.make(value)),
  });

export const boolean = (env: string, options: Declaration<boolean>): Setting<boolean> =>
  declare(env, options.default, {
    kind: "boolean",
    allowed: "true or false",
    fallback: String(options.default),
    description: options.description,
    parse: (text) => parseBoolean(text.trim()),
  });

/** As it would be typed: `300 seconds`. */
type Typed = Extract<Duration.DurationInput, string>;

/** From `min` (by default 0) to `max`. */
export const duration = (
  env: string,
  options: Declaration<Typed> & { readonly min?: Typed; readonly max?: Typed },
): Setting<Duration.Duration> => {
  const { max, min = max === undefined ? undefined : "0 seconds" } = options;
  const range = { minimum: Duration.decode(min ?? 0), maximum: Duration.decode(max ?? Duration.infinity) };
  return declare(env, Duration.decode(options.default), {
    kind: "duration",
    allowed: `duration${min === undefined ? "" : rangeOf(min, max)}`,
    fallback: options.default,
    description: options.description,
    parse: (text) => Option.filter(parseDuration(text.trim()), Duration.between(range)),
  });
};

export const choice = <const A extends ReadonlyArray<string>>(
  env: string,
  choices: A,
  options: Declaration<A[number]>,
): Setting<A[number]> =>
  declare<A[number]>(env, options.default, {
    kind: "choice",
    choices,
    allowed: choices.join(", "),
    fallback: options.default,
    description: options.description,
    parse: (text) => Option.fromNullable(choices.find((choice) => choice === text.trim().toLowerCase())),
  });

/** The same setting under a shorter flag, e.g. `--seed` in the one command that reads it. */
export const flagged = <A>(flag: string, setting: Setting<A>): Setting<A> => ({ ...setting, flag });

/** Settings that belong together, by the names of their values. */
export type Group = Readonly<Record<string, Setting<unknown>>>;

/** The values of a group, read at once. */
export const values = <const G extends Readonly<Record<string, { readonly config: Config.Config<unknown> }>>>(
  group: G,
): Config.Config<{ readonly [K in keyof G]: Config.Config.Success<G[K]["config"]> }> =>
  Config.all(Object.fromEntries(Object.entries(group).map(([name, setting]) => [name, setting.config]))) as never;
