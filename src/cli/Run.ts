/** Run: a command on the layers that the entry point chose, once its settings are found to be right. */
import type { HttpServer } from "@effect/platform";
import { Effect, Exit, Fiber, Layer } from "effect";
import { providerOf, type Texts, wrongSettings } from "../config/Check.ts";
import { isUnset, type Setting } from "../config/Setting.ts";
import { aboutStrangers } from "../config/Unknown.ts";
import { withHealthPage } from "../http/HealthPage.ts";
import { http } from "../http/Settings.ts";
import { mayListen } from "../keys/Listening.ts";
import type { Command, FilePorts, HttpPorts, LogPorts, Platform, StorePorts } from "./Command.ts";
import { type Adapters, allSettings, rulesWith } from "./Settings.ts";
import { UsageError } from "./UsageError.ts";
import type { Request } from "./Words.ts";

/** The layers that the entry point chose. Built inside a command, so that its flags reach them. */
export interface Wiring {
  readonly files: Layer.Layer<FilePorts, unknown>;
  readonly log: Layer.Layer<LogPorts, unknown>;
  readonly stores: Layer.Layer<StorePorts, unknown>;
  readonly http: Layer.Layer<HttpPorts, unknown>;
  /** Where a role's health page is served. */
  readonly health: Layer.Layer<HttpServer.HttpServer, unknown>;
  readonly logging: Layer.Layer<never, unknown>;
  /** Ends with the signal that tells the process to stop. */
  readonly told: Effect.Effect<string>;
  /** What all these layers read. */
  readonly settings: Adapters;
}

const missing = ({ name, oneOf = [], required = [] }: Command, texts: Texts): ReadonlyArray<string> => {
  const isMissing = ({ env }: Setting<unknown>) => isUnset(texts.get(env) ?? "");
  const flags = oneOf.map(({ env, flag }) => `--${flag} (or ${env})`).join(" or ");
  return [
    ...required
      .filter(isMissing)
      .map(({ description, env, flag }) => `--${flag} (or ${env}) is missing: ${description}`),
    ...(oneOf.length > 0 && oneOf.every(isMissing) ? [`\`${name}\` needs ${flags}`] : []),
  ];
};

const programOn = (
  wiring: Wiring,
  path: string,
  { program }: Command,
  operands: ReadonlyArray<string>,
): Effect.Effect<unknown, unknown, Platform> => {
  const { files } = wiring;
  const stores = Layer.provideMerge(wiring.stores, files);
  const name = path.split(" ")[0];
  switch (program.on) {
    case "files":
      return Effect.provide(program.run(...operands), files);
    case "log": {
      const { probes, run } = program;
      const main = run(...operands);
      const log = Layer.provideMerge(wiring.log, files);
      return Effect.provide(probes === undefined ? main : withHealthPage(name, probes, wiring.health)(main), log);
    }
    case "stores": {
      const { probes, run } = program;
      const main = run(...operands);
      return Effect.provide(probes === undefined ? main : withHealthPage(name, probes, wiring.health)(main), stores);
    }
    case "api": {
      const main = Effect.provide(program.run(...operands), Layer.provideMerge(wiring.http, stores));
      const allowed = Effect.flatMap(http.host.config, mayListen).pipe(
        Effect.mapError(({ message }) => new UsageError({ problems: [message] })),
      );
      return Effect.zipRight(allowed, main);
    }
  }
};

/**
 * A service says in a line that it was told to stop, and in another that it has ended: between them requests are finished, and what was
 * accepted is applied and archived. The fiber that waits for the signal ends with the program.
 */
const tellingOfStop = <A, E, R>(told: Effect.Effect<string>, service: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const waiting = yield* Effect.forkDaemon(
      Effect.flatMap(told, (signal) => Effect.logInfo(`${signal}: finishing what is under way, then it stops`)),
    );
    return yield* service.pipe(
      Effect.onExit((exit) =>
        Effect.zipRight(
          Fiber.interrupt(waiting),
          Exit.isInterrupted(exit) ? Effect.logInfo("stopped in order") : Effect.void,
        ),
      ),
    );
  });

type RunRequest = Extract<Request, { readonly _tag: "Run" }>;

/** What was typed, laid over the environment. */
export const textsOf = ({ given }: RunRequest, environment: Texts): Texts =>
  new Map([...environment, ...[...given].map(([env, { text }]) => [env, text] as const)]);

/** Shorter ones are syllables of other words. */
const shortestSecret = 4;

/** The secrets among the settings, also that within an address. */
export const secretsIn = (adapters: Adapters, texts: Texts): ReadonlyArray<string> =>
  allSettings(adapters)
    .flatMap(({ env, secrets }) => secrets(texts.get(env) ?? ""))
    .filter((secret) => secret.length >= shortestSecret);

/** Checks every setting that is set, also those that the command does not read, and runs the command. */
export const run = (
  request: RunRequest,
  environment: Texts,
  wiring: Wiring,
): Effect.Effect<unknown, unknown, Platform> =>
  Effect.gen(function* () {
    const { command, given, operands, path } = request;
    const texts = textsOf(request, environment);
    const settings = allSettings(wiring.settings);
    const wrong = yield* wrongSettings(
      settings,
      rulesWith(wiring.settings),
      texts,
      (env) => given.get(env)?.name ?? env,
    );
    const problems = [...wrong, ...missing(command, texts)];
    if (problems.length > 0) return yield* new UsageError({ problems });
    const asked = programOn(wiring, path, command, operands);
    const program = command.service === true ? tellingOfStop(wiring.told, asked) : asked;
    const about = aboutStrangers(environment, new Set(settings.map(({ env }) => env)));
    const warned = about === undefined ? program : Effect.zipRight(Effect.logWarning(about), program);
    // Once, around all that logs: a second time, each line would be written twice.
    return yield* Effect.withConfigProvider(Effect.provide(warned, wiring.logging), providerOf(texts));
  });
