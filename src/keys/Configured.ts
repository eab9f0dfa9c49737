/** Configured: the keys commands, as the settings say. */
import { Clock, Console, Effect } from "effect";
import { digestOf, entryOf, type Key, nameForm, newKey, orderedScopes } from "./Key.ts";
import { addTo, keyFile, keysIn, readText, removeFrom } from "./KeyFile.ts";
import { KeysError } from "./KeysError.ts";
import { keyScopes } from "./Settings.ts";

/** Prints a new key alone to stdout, so that a script can take it; what to do with it goes to stderr. */
export const addKey = (name: string) =>
  Effect.gen(function* () {
    if (!nameForm.test(name)) {
      const message = "a key's name has 1 to 64 letters, digits, `.`, `_` and `-`, the first of them a letter or digit";
      return yield* new KeysError({ reason: "BadName", message });
    }
    const { path } = yield* keyFile;
    const scopes = orderedScopes((yield* keyScopes.config).split(","));
    const text = newKey();
    const made = new Date(yield* Clock.currentTimeMillis).toISOString().slice(0, 10);
    const key: Key = { name, scopes, digest: digestOf(text), made };
    yield* addTo(path, key);
    yield* Console.log(text);
    yield* Console.error(`
This is the key ${name} (${scopes.join(", ")}). It is shown this once: ${path} has its hash alone.
Processes that read that file know it within a second; for others: API_KEYS=${entryOf(key)}
To use it: curl -H 'authorization: Bearer KEY' …`);
  });

/** Prints the keys of the file. */
export const listKeys = Effect.gen(function* () {
  const { path } = yield* keyFile;
  const text = yield* readText(path);
  if (text === undefined) return yield* Console.log(`There is no ${path}: \`keys add NAME\` makes it.`);
  const rows = (yield* keysIn(path, text)).map(({ digest, made, name, scopes }) => [
    name,
    scopes.join(","),
    made === "" ? "-" : made,
    digest.toString("hex").slice(0, 12),
  ]);
  const all = [["name", "scopes", "made", "sha256"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column].length)));
  yield* Console.log(all.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")).join("\n"));
});

export const removeKey = (name: string) =>
  Effect.gen(function* () {
    const { path } = yield* keyFile;
    const left = yield* removeFrom(path, name);
    yield* Console.log(`Removed ${name} from ${path}: processes that read it refuse that key within a second.`);
    if (left === 0) {
      yield* Console.log(`It was the last one: with that file nobody is answered. Without it, nobody needs a key.`);
    }
  });
