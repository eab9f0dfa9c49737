/** Logging: log lines go to stderr, so that stdout holds answers alone. */
import { Effect, Layer, Logger, LogLevel } from "effect";
import { logging, values } from "../src/config/Settings.ts";
import { overBar } from "./Progress/Terminal.ts";

const levels = { debug: LogLevel.Debug, info: LogLevel.Info, warning: LogLevel.Warning, error: LogLevel.Error };

const loggers = {
  pretty: Logger.prettyLogger({ stderr: true, mode: "tty", colors: "auto" }),
  logfmt: Logger.withConsoleError(Logger.logfmtLogger),
  json: Logger.withConsoleError(Logger.jsonLogger),
};

export const layer = Layer.unwrapEffect(
  Effect.map(values(logging), ({ format, level }) =>
    Layer.merge(
      Logger.replace(Logger.defaultLogger, overBar<unknown, void>(loggers[format])),
      Logger.minimumLogLevel(levels[level]),
    ),
  ),
);
