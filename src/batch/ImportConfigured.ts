/** ImportConfigured: `import` by the settings. */
import { Effect } from "effect";
import { importing } from "../config/DataSettings.ts";
import { values } from "../config/Settings.ts";
import { importEvents } from "./ImportEvents.ts";
import { InputError } from "./InputError.ts";

const required = ["events", "user", "item"] as const;

export const importConfigured = Effect.gen(function* () {
  const given = yield* values(importing);
  for (const name of required) {
    if (given[name] === "") {
      const { env, flag, description } = importing[name];
      return yield* new InputError({
        reason: "BadOption",
        file: given.events,
        message: `--${flag} (or ${env}) is missing: ${description} Example: import --events ratings.csv --user userId --item movieId`,
      });
    }
  }
  const optional = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, value === "" ? undefined : value]),
  );
  const summary = yield* importEvents({ ...optional, events: given.events, user: given.user, item: given.item });
  yield* Effect.logInfo("next: `batch` learns from them, or `all-in-one` learns and serves");
  return summary;
});
