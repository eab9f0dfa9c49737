#!/usr/bin/env node
/** main: the entry point: what was typed, on the layers that it needs. */
import * as NodeContext from "@effect/platform-node/NodeContext";
import * as NodeRuntime from "@effect/platform-node/NodeRuntime";
import { Cause, Console, Deferred, Effect, FiberId, Layer } from "effect";
import * as Engines from "../layers/Engines.ts";
import * as Http from "../layers/Http/Node.ts";
import * as Live from "../layers/Live.ts";
import * as Logging from "../layers/Logging.ts";
import * as MicroBatches from "../layers/MicroBatches/Spark.ts";
import * as Answerers from "../layers/Processes/Answerers.ts";
import * as Batches from "../layers/Processes/Batches.ts";
import { endWithParent } from "../layers/Processes/Lifeline.ts";
import * as Studies from "../layers/Processes/Studies.ts";
import * as Turns from "../layers/Processes/Turns.ts";
import * as Progress from "../layers/Progress/Terminal.ts";
import { adapters } from "../layers/Settings.ts";
import * as Sql from "../layers/Sql/DuckDb.ts";
import * as Tables from "../layers/Tables/Local.ts";
import { version } from "../package.json";
import type { Command } from "./cli/Command.ts";
import { commands } from "./cli/Commands.ts";
import { exitCode, type StopSignal } from "./cli/ExitCode.ts";
import { describeFailure } from "./cli/Failure.ts";
import { firstPage, page } from "./cli/Help.ts";
import { run, secretsIn, textsOf, type Wiring } from "./cli/Run.ts";
import { read } from "./cli/Words.ts";
import { conceal } from "./config/Secrets.ts";
import { health, http } from "./http/Settings.ts";

const environment: ReadonlyMap<string, string> = new Map(
  Object.entries(process.env).flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const])),
);

/** With what flags give, once they are read. */
let texts = environment;

const told = Deferred.unsafeMake<StopSignal>(FiberId.none);

const wiring: Wiring = {
  files: Layer.mergeAll(
    Layer.provideMerge(Layer.merge(Engines.steps, MicroBatches.layer), Layer.merge(Tables.layer, Sql.layer)),
    Layer.provideMerge(Engines.trainer, Progress.layer),
    Turns.layer,
    Live.forgotten,
    Live.storeFile,
    Batches.layer(() => texts),
    Studies.layer(() => texts),
    Answerers.layer(() => texts),
  ),
  log: Live.log,
  stores: Live.stores,
  http: Http.layer(http),
  health: Http.layerServer(health),
  logging: Logging.layer,
  told: Deferred.await(told),
  settings: adapters,
};

/** Known once the settings are. */
let secrets = conceal([]);
const tell = (cause: Cause.Cause<unknown>): void => console.error(secrets.text(describeFailure(cause)));

// Node would print all that the error carries.
process.on("uncaughtException", (error) => {
  tell(Cause.die(error));
  process.exit(1);
});

endWithParent();

let command: Command | undefined;
let signal: StopSignal | undefined;

/** The first signal stops the program in order; a second one ends it at once, since nothing listens any more. */
const note = (name: StopSignal): void => {
  signal = name;
  Deferred.unsafeDone(told, Effect.succeed(name));
  process.off("SIGINT", note).off("SIGTERM", note);
};
process.on("SIGINT", note).on("SIGTERM", note);

// Who reads the output may close it when they have seen enough: that is no failure, and what is printed after it is lost.
process.stdout.on("error", () => {});

const program = Effect.gen(function* () {
  const request = yield* read(process.argv.slice(2), environment, adapters);
  switch (request._tag) {
    case "FirstPage":
      return yield* Console.log(firstPage(version, commands));
    case "Version":
      return yield* Console.log(version);
    case "Page":
      return yield* Console.log(page(version, request.path, request.command, adapters));
    case "Run":
      command = request.command;
      texts = textsOf(request, environment);
      secrets = conceal(secretsIn(adapters, texts));
      return yield* run(request, environment, wiring);
  }
});

program.pipe(
  Effect.tapErrorCause((cause) => (Cause.isInterruptedOnly(cause) ? Effect.void : Effect.sync(() => tell(cause)))),
  Effect.provide(NodeContext.layer),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    disablePrettyLogger: true,
    teardown: (exit, end) => end(exitCode(exit, command, signal)),
  }),
);
