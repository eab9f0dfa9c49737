/** Listening: whether the API may listen where the settings say, asked before anything is opened. */
import { Effect } from "effect";
import { bracketed, isLoopback, nameIn } from "../config/Address.ts";
import { readRing } from "./Keys.ts";
import { KeysError } from "./KeysError.ts";
import { access } from "./Settings.ts";

/** `host`: the setting HOST. Without a key, an API beyond loopback is to be wanted, and then warned of. */
export const mayListen = (host: string) =>
  Effect.gen(function* () {
    const { needed } = yield* readRing;
    if (needed || isLoopback(nameIn(bracketed(host)) ?? host)) return;
    if (yield* access.open.config) {
      return yield* Effect.logWarning(
        `whoever reaches ${host} may ask the API, change items and send events: there are no keys, and API_OPEN=true lets that be. \`keys add NAME --scopes read,write\` makes one, and from then on callers need it`,
      );
    }
    const message = `HOST=${host} can be reached from other machines, and the API has no keys. Make one with \`keys add NAME --scopes read,write\` (or set API_KEYS), or listen on HOST=127.0.0.1, or say API_OPEN=true where something else keeps strangers away`;
    return yield* new KeysError({ reason: "Open", message });
  });
