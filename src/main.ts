#!/usr/bin/env node
/** main: the entry point: commands wired to layers. */
import { Command } from "@effect/cli";
import { NodeContext, NodeRuntime } from "@effect/platform-node";
import { Cause, Console, Effect, Layer } from "effect";
import * as Http from "../layers/Http/Node.ts";
import * as Live from "../layers/Live.ts";
import * as Logging from "../layers/Logging.ts";
import * as Progress from "../layers/Progress/Terminal.ts";
import * as Tables from "../layers/Tables/Local.ts";
import { version } from "../package.json";
import { makeRoot } from "./cli/Cli.ts";
import { exitCode, type StopSignal } from "./cli/ExitCode.ts";
import { describeFailure } from "./cli/Failure.ts";
import { firstPage } from "./cli/Help.ts";
import { role } from "./config/Settings.ts";

/** The words after the program's name: ROLE's command where none is named. */
const argumentsOf = (argv: ReadonlyArray<string>) =>
  Effect.map(role.config, (role) => {
    const words = argv.slice(2);
    return words[0]?.startsWith("-") === false || role === "help" ? words : [role, ...words];
  });

const root = makeRoot({
  files: Layer.merge(Tables.layer, Progress.layer),
  log: Live.log,
  stores: Live.stores,
  http: Http.layer,
  health: Http.layerHealth,
  logging: Logging.layer,
});

const cli = Command.run(root, { name: "Slipstream", version });

let command: string | undefined;
let signal: StopSignal | undefined;

/** The first signal stops the program in order; a second one ends it at once, since nothing listens any more. */
const note = (name: StopSignal): void => {
  signal = name;
  process.off("SIGINT", note).off("SIGTERM", note);
};
process.on("SIGINT", note).on("SIGTERM", note);

const program = Effect.flatMap(argumentsOf(process.argv), (words) => {
  command = words[0];
  return command === undefined || ["help", "--help", "-h"].includes(command)
    ? Console.log(firstPage(version))
    : cli([...process.argv.slice(0, 2), ...words]);
});

program.pipe(
  Effect.tapErrorCause((cause) =>
    Cause.isInterruptedOnly(cause) ? Effect.void : Console.error(describeFailure(cause)),
  ),
  Effect.provide(NodeContext.layer),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    disablePrettyLogger: true,
    teardown: (exit, end) => end(exitCode(exit, command, signal)),
  }),
);
