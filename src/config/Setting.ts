/**
 * A setting: one value a user may choose, by flag or by environment variable.
 *
 * Each setting is declared once (see `Settings.ts`) and read through `config`. A command-line flag is nothing but a
 * `ConfigProvider` laid over the environment (`cli/Flags.ts`), so services read `Config` alone.
 */
import { Config, Duration, Redacted } from "effect";

export type Kind = "integer" | "number" | "text" | "boolean" | "duration" | "choice" | "secret";

export interface Setting<out A> {
  /** Environment variable, e.g. `ALS_RANK`. */
  readonly env: string;
  /** Command-line flag without its dashes, e.g. `als-rank`. */
  readonly flag: string;
  readonly kind: Kind;
  readonly choices: ReadonlyArray<string>;
  /** The default as it would be typed. Empty: unset. */
  readonly fallback: string;
  readonly description: string;
  /** Reads the value; fails with a `ConfigError` that names the variable, the value and the remedy. */
  readonly config: Config.Config<A>;
}

interface Declaration<A> {
  readonly default: A;
  readonly description: string;
}

const declare = <A>(
  env: string,
  kind: Kind,
  fallback: string,
  description: string,
  config: Config.Config<A>,
  choices: ReadonlyArray<string> = [],
): Setting<A> => ({ env, flag: env.toLowerCase().replaceAll("_", "-"), kind, choices, fallback, description, config });

const bounded = (
  env: string,
  config: Config.Config<number>,
  options: Declaration<number> & { readonly min?: number; readonly max?: number; readonly multipleOf?: number },
): Config.Config<number> => {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, multipleOf } = options;
  const wanted = [
    min > Number.NEGATIVE_INFINITY ? `at least ${min}` : "",
    max < Number.POSITIVE_INFINITY ? `at most ${max}` : "",
    multipleOf === undefined ? "" : `a multiple of ${multipleOf}`,
  ].filter((part) => part !== "");
  return config.pipe(
    Config.validate({
      message: `${env} must be ${wanted.join(", ")}`,
      validation: (value) =>
        Number.isFinite(value) &&
        value >= min &&
        value <= max &&
        (multipleOf === undefined || value % multipleOf === 0),
    }),
    Config.withDefault(options.default),
  );
};

export const integer = (
  env: string,
  options: Declaration<number> & { readonly min?: number; readonly max?: number; readonly multipleOf?: number },
): Setting<number> =>
  declare(env, "integer", String(options.default), options.description, bounded(env, Config.integer(env), options));

export const number = (
  env: string,
  options: Declaration<number> & { readonly min?: number; readonly max?: number },
): Setting<number> =>
  declare(env, "number", String(options.default), options.description, bounded(env, Config.number(env), options));

export const text = (env: string, options: Declaration<string>): Setting<string> =>
  declare(
    env,
    "text",
    options.default,
    options.description,
    Config.string(env).pipe(Config.withDefault(options.default)),
  );

/** A password, key or URL with one: redacted in logs and in `--help`. Unset is the empty text. */
export const secret = (env: string, options: { readonly description: string }): Setting<Redacted.Redacted> =>
  declare(env, "secret", "", options.description, Config.redacted(env).pipe(Config.withDefault(Redacted.make(""))));

export const boolean = (env: string, options: Declaration<boolean>): Setting<boolean> =>
  declare(
    env,
    "boolean",
    String(options.default),
    options.description,
    Config.boolean(env).pipe(Config.withDefault(options.default)),
  );

/** A duration as Effect decodes it: `300 seconds`, `10 minutes`, `1 day`. */
export const duration = (env: string, options: Declaration<Duration.DurationInput>): Setting<Duration.Duration> =>
  declare(
    env,
    "duration",
    String(options.default),
    options.description,
    Config.duration(env).pipe(Config.withDefault(Duration.decode(options.default))),
  );

export const choice = <const A extends ReadonlyArray<string>>(
  env: string,
  choices: A,
  options: Declaration<A[number]>,
): Setting<A[number]> =>
  declare(
    env,
    "choice",
    options.default,
    options.description,
    Config.literal(...(choices as unknown as [string, ...Array<string>]))(env).pipe(
      Config.withDefault(options.default),
    ) as Config.Config<A[number]>,
    choices,
  );

/** The same setting under a shorter flag, e.g. `--seed` in the one command that reads it. */
export const flagged = <A>(flag: string, setting: Setting<A>): Setting<A> => ({ ...setting, flag });
