/** ImportConfigured: `import` by the settings, of which the command requires those without a meaning when empty. */
import { Effect } from "effect";
import { values } from "../config/Setting.ts";
import { isMadeUp, markMadeUp, unmarkMadeUp } from "../datasets/MadeUp.ts";
import { inTurn } from "../ports/Turns.ts";
import { importEvents } from "./ImportEvents.ts";
import { importing } from "./Settings.ts";

export const importConfigured = Effect.gen(function* () {
  const { noHeader, ...given } = yield* values(importing);
  const optional = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, value === "" ? undefined : value]),
  );
  const { events, item, user } = given;
  const wasMadeUp = yield* isMadeUp;
  // First of all: whatever becomes of the import, real shoppers are never taken for made-up ones.
  yield* unmarkMadeUp;
  const summary = yield* importEvents({ ...optional, events, user, item, header: !noHeader }).pipe(
    Effect.onError(() => (wasMadeUp ? Effect.ignore(markMadeUp) : Effect.void)),
  );
  yield* Effect.logInfo("next: `batch` learns from them, or `all-in-one` learns and serves");
  return summary;
}).pipe(inTurn("importing a shop"));
