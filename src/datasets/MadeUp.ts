/**
 * MadeUp: whether the shop's data are of `generate`, so that nobody's real shoppers are acted for.
 *
 * A word beside the data says so, with the size of the file that was made: another shop's files in its place, or an import, make it
 * untrue. Where the folder is not at hand, the shop counts as a real one.
 */
import { FileSystem, Path } from "@effect/platform";
import type { PlatformError } from "@effect/platform/Error";
import { type ConfigError, Effect, Option, Schema } from "effect";
import { dataFolder } from "../config/DataFolder.ts";

const Word = Schema.parseJson(Schema.Struct({ bytes: Schema.Number }));
const wordOf = Schema.encodeSync(Word);
const readWord = Schema.decodeUnknownOption(Word);

type Files = FileSystem.FileSystem | Path.Path;

const places = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem;
  const path = yield* Path.Path;
  const { madeUp, raw } = yield* dataFolder;
  const made = path.join(raw, "transactions_train.csv");
  return { fs, madeUp, size: Effect.map(fs.stat(made), ({ size }) => Number(size)) };
});

/** What lies in the folder now was made up. */
export const markMadeUp: Effect.Effect<void, PlatformError | ConfigError.ConfigError, Files> = Effect.gen(function* () {
  const { fs, madeUp, size } = yield* places;
  yield* fs.writeFileString(madeUp, wordOf({ bytes: yield* size }));
});

/** A real shop's data take its place. */
export const unmarkMadeUp: Effect.Effect<void, PlatformError | ConfigError.ConfigError, Files> = Effect.gen(
  function* () {
    const { fs, madeUp } = yield* places;
    yield* fs.remove(madeUp, { force: true });
  },
);

export const isMadeUp: Effect.Effect<boolean, ConfigError.ConfigError, Files> = Effect.gen(function* () {
  const { fs, madeUp, size } = yield* places;
  const word = Option.flatMap(yield* Effect.option(fs.readFileString(madeUp)), readWord);
  if (Option.isNone(word)) return false;
  // The file may be gone once it was read.
  const now = yield* Effect.option(size);
  return Option.isNone(now) || now.value === word.value.bytes;
});
