/** Logging: log lines go to stderr, so that stdout holds answers alone. */
import { Effect, Layer, Logger, LogLevel } from "effect";
import { choice, values } from "../src/config/Setting.ts";
import { overBar } from "./Progress/Terminal.ts";

export const logging = {
  level: choice("LOG_LEVEL", ["debug", "info", "warning", "error"], {
    default: "info",
    description: "Least severe level that is logged.",
  }),
  format: choice("LOG_FORMAT", ["pretty", "logfmt", "json"], { default: "pretty", description: "How log lines look." }),
};

const levels = { debug: LogLevel.Debug, info: LogLevel.Info, warning: LogLevel.Warning, error: LogLevel.Error };

/** Where stderr is a terminal that has colours, and NO_COLOR does not forbid them: no pipe or file gets any. */
const colors = (): boolean => {
  const set = Object.entries(process.env).filter(([, text]) => text !== "");
  return process.stderr.isTTY === true && process.stderr.hasColors(Object.fromEntries(set));
};

const loggers = {
  pretty: () => Logger.prettyLogger({ stderr: true, mode: "tty", colors: colors() }),
  logfmt: () => Logger.withConsoleError(Logger.logfmtLogger),
  json: () => Logger.withConsoleError(Logger.jsonLogger),
};

export const layer = Layer.unwrapEffect(
  Effect.map(values(logging), ({ format, level }) =>
    Layer.merge(
      Logger.replace(Logger.defaultLogger, overBar<unknown, void>(loggers[format]())),
      Logger.minimumLogLevel(levels[level]),
    ),
  ),
);
