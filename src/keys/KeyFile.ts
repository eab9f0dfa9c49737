/** KeyFile: the file of keys, an entry a line; a `#` begins a comment. Changed whole or not at all. */
import { FileSystem } from "@effect/platform";
import { Config, Effect, Either } from "effect";
import { dataFolder } from "../config/DataFolder.ts";
import { entryOf, type Key, parseEntries } from "./Key.ts";
import { KeysError } from "./KeysError.ts";
import { access } from "./Settings.ts";

/** Where the file is, and whether somebody said so. */
export const keyFile = Config.map(Config.all([access.file.config, dataFolder]), ([chosen, { keys }]) =>
  chosen === "" ? { path: keys, chosen: false } : { path: chosen, chosen: true },
);

/** The file's text; undefined where there is none. */
export const readText = (path: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readFileString(path)).pipe(
    Effect.catchIf(
      (error) => error._tag === "SystemError" && error.reason === "NotFound",
      () => Effect.succeed(undefined),
    ),
    Effect.mapError(
      ({ message }) => new KeysError({ reason: "Unreadable", message: `${path} cannot be read: ${message}` }),
    ),
  );

const isEntry = (line: string): boolean => !/^\s*(?:#|$)/.test(line);

/** The keys of a text; the sentence about what is wrong names the line. */
export const keysIn = (path: string, text: string): Either.Either<ReadonlyArray<Key>, KeysError> => {
  const lines = text.split(/\r?\n/).map((line, i) => [i + 1, line.replace(/\s#.*$/, "")] as const);
  return Either.mapLeft(
    parseEntries(lines.filter(([, line]) => isEntry(line))),
    (why) => new KeysError({ reason: "Malformed", message: `${path}: ${why.replace(/^entry /, "line ")}` }),
  );
};

const head = "# Keys of Slipstream's API: NAME:SCOPES:SHA256:DAY. Nobody can tell a key from its hash.\n";

/** Whoever may read the file before may read it after. */
const writeText = (path: string, text: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const mode = yield* fs.stat(path).pipe(
      Effect.map(({ mode }) => mode & 0o777),
      Effect.orElseSucceed(() => 0o600),
    );
    const folder = path.replace(/[^/\\]*$/, "");
    if (folder !== "") yield* fs.makeDirectory(folder, { recursive: true });
    const beside = `${path}.part`;
    yield* fs.writeFileString(beside, text, { mode });
    yield* fs.rename(beside, path);
  }).pipe(
    Effect.mapError(
      ({ message }) => new KeysError({ reason: "Unwritable", message: `${path} cannot be written: ${message}` }),
    ),
  );

/** Adds a key; fails where its name is taken. */
export const addTo = (path: string, key: Key) =>
  Effect.gen(function* () {
    const text = (yield* readText(path)) ?? head;
    const keys = yield* keysIn(path, text);
    if (keys.some(({ name }) => name === key.name)) {
      const message = `${path} has a key called ${key.name}: add one of another name, let its callers change over, then \`keys remove ${key.name}\``;
      return yield* new KeysError({ reason: "NameTaken", message });
    }
    yield* writeText(path, `${text.endsWith("\n") || text === "" ? text : `${text}\n`}${entryOf(key)}\n`);
  });

/** Removes a key, and leaves every other line as it is. Answers how many are left. */
export const removeFrom = (path: string, name: string) =>
  Effect.gen(function* () {
    const text = (yield* readText(path)) ?? "";
    const keys = yield* keysIn(path, text);
    if (!keys.some((key) => key.name === name)) {
      const names = keys.map((key) => key.name).join(", ");
      const message = `${path} has no key called ${name}; ${names === "" ? "it has none" : `there are ${names}`}`;
      return yield* new KeysError({ reason: "NameUnknown", message });
    }
    const kept = text.split("\n").filter((line) => !isEntry(line) || line.trim().split(":")[0] !== name);
    yield* writeText(path, kept.join("\n"));
    return keys.length - 1;
  });
