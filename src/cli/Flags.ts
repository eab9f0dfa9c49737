/**
 * Flags: command-line flags made from settings. A flag that is given becomes a `ConfigProvider` laid over the
 * environment, so a program reads `Config` and never knows where a value came from.
 */
import { Command, Options } from "@effect/cli";
import { ConfigProvider, Effect, Option } from "effect";
import type { Setting } from "../config/Setting.ts";
import { logging, storage } from "../config/Settings.ts";

type Group = Readonly<Record<string, Setting<unknown>>>;

/** What was typed, by environment variable. */
export type Given = ReadonlyMap<string, string>;

const describe = ({ description, env, fallback }: Setting<unknown>): string =>
  `${description} [env: ${env}${fallback === "" ? "" : `, default: ${fallback}`}]`;

const optionOf = (setting: Setting<unknown>): Options.Options<Option.Option<string>> => {
  const { choices, flag, kind } = setting;
  const typed: Options.Options<string> =
    kind === "integer"
      ? Options.map(Options.integer(flag), String)
      : kind === "number"
        ? Options.map(Options.float(flag), String)
        : kind === "choice"
          ? Options.choice(flag, choices)
          : kind === "boolean"
            ? Options.choice(flag, ["true", "false"])
            : Options.text(flag);
  return typed.pipe(Options.withDescription(describe(setting)), Options.optional);
};

/** Options for every setting of the groups, in their order; `storage` and `logging` come last and with every command. */
export const flags = (...groups: ReadonlyArray<Group>): Options.Options<Given> => {
  const settings = [...groups, storage, logging].flatMap((group) => Object.values(group));
  return Options.all(settings.map(optionOf)).pipe(
    Options.map((values) => {
      const given = new Map<string, string>();
      values.forEach((value, i) => {
        if (Option.isSome(value)) given.set(settings[i].env, value.value);
      });
      return given;
    }),
  );
};

/** Runs `program` with what was typed before what the environment says. */
export const withGiven =
  (given: Given) =>
  <A, E, R>(program: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.withConfigProvider(
      program,
      ConfigProvider.fromMap(new Map(given)).pipe(ConfigProvider.orElse(() => ConfigProvider.fromEnv())),
    );

/** A command whose program reads only settings. */
export const command = <Name extends string, E, R>(
  name: Name,
  description: string,
  groups: ReadonlyArray<Group>,
  program: Effect.Effect<unknown, E, R>,
) =>
  Command.make(name, { given: flags(...groups) }, ({ given }) => withGiven(given)(program)).pipe(
    Command.withDescription(description),
  );
