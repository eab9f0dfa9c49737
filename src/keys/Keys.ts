/**
 * Keys: who may ask this process's API.
 *
 * API_KEYS counts while the process runs; the file is read again every second, so that a key that is added or removed counts
 * without a restart. Where there is a key, or a file for keys, even an empty one, every caller needs a key, and that stays so
 * while the process runs: a file that vanished or cannot be used changes nothing but the log.
 */

import type { FileSystem } from "@effect/platform";
import { Context, Effect, Layer, Redacted, Schedule } from "effect";
import { finder, type Key, parseEntries } from "./Key.ts";
import { keyFile, keysIn, readText } from "./KeyFile.ts";
import { KeysError } from "./KeysError.ts";
import { access, entriesIn } from "./Settings.ts";

export interface KeysService {
  /** Whether callers need a key. */
  readonly needed: () => boolean;
  /** By what a caller showed. */
  readonly find: (shown: string) => Key | undefined;
}

interface Ring {
  readonly keys: ReadonlyArray<Key>;
  readonly needed: boolean;
  /** Of the file; undefined where there is none. */
  readonly text: string | undefined;
}

/** What settings and file say now. */
export const readRing = Effect.gen(function* () {
  const { chosen, path } = yield* keyFile;
  const set = yield* parseEntries(entriesIn(Redacted.value(yield* access.keys.config))).pipe(
    // The setting was judged by the same rule.
    Effect.mapError((message) => new KeysError({ reason: "Malformed", message: `API_KEYS: ${message}` })),
  );
  const text = yield* readText(path);
  if (chosen && text === undefined) {
    const message = `API_KEYS_FILE names ${path}, which is not there: make it with \`keys add NAME\`, or leave the setting out`;
    return yield* new KeysError({ reason: "Missing", message });
  }
  const filed = yield* keysIn(path, text ?? "");
  const twice = filed.find(({ name }) => set.some((key) => key.name === name));
  if (twice !== undefined) {
    const message = `a key called ${twice.name} is in API_KEYS and in ${path}: rename one of them`;
    return yield* new KeysError({ reason: "NameTaken", message });
  }
  const keys = [...set, ...filed];
  return { keys, needed: keys.length > 0 || text !== undefined, text } satisfies Ring;
});

const said = ({ keys }: Ring): string =>
  keys.length === 0
    ? "there is no key, so nobody is answered: `keys add NAME` makes one"
    : `keys: ${keys.map(({ name, scopes }) => `${name} (${scopes.join(", ")})`).join(", ")}`;

const make = Effect.gen(function* () {
  let ring: Ring = yield* readRing;
  let find = finder(ring.keys);
  let complaint = "";
  if (ring.needed) yield* Effect.logInfo(`callers of the API need a key; ${said(ring)}`);

  const take = (next: Ring) => {
    if (next.text === ring.text) return Effect.void;
    ring = next;
    find = finder(next.keys);
    return Effect.logInfo(`keys of the API changed; ${said(next)}`);
  };
  const complain = ({ message }: { readonly message: string }) => {
    if (message === complaint) return Effect.void;
    complaint = message;
    return Effect.logError(`${message}; the keys of before hold until it is mended`);
  };
  const gone = new KeysError({ reason: "Missing", message: "the file of the API's keys is gone" });
  const look = readRing.pipe(
    Effect.filterOrFail(
      ({ text }) => text !== undefined || ring.text === undefined,
      () => gone,
    ),
    Effect.tap(() =>
      Effect.sync(() => {
        complaint = "";
      }),
    ),
    Effect.matchEffect({ onFailure: complain, onSuccess: take }),
  );
  // Ends with the scope.
  yield* Effect.forkScoped(Effect.repeat(look, Schedule.spaced("1 second")));
  return { needed: () => ring.needed, find: (shown) => find(shown) } satisfies KeysService;
});

export class Keys extends Context.Tag("slipstream/Keys")<Keys, KeysService>() {
  static readonly layer: Layer.Layer<Keys, unknown, FileSystem.FileSystem> = Layer.scoped(Keys, make);
}
