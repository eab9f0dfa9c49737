/** TunedFile: what `tune` found for the shop, beside its data: read by every batch until it is forgotten. */
import { FileSystem } from "@effect/platform";
import { Effect, ParseResult, Schema } from "effect";
import { dataFolder } from "../config/DataFolder.ts";
import { Tuned } from "../domain/Tuned.ts";

const Text = Schema.parseJson(Tuned);

/** Undefined where nothing was tuned; also, with a warning, where the file cannot be used. */
export const readTuned = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem;
  const { tuned: path } = yield* dataFolder;
  const text = yield* fs.readFileString(path).pipe(
    Effect.asSome,
    Effect.catchIf(
      (error) => error._tag === "SystemError" && error.reason === "NotFound",
      () => Effect.succeedNone,
    ),
    Effect.flatMap(Effect.transposeMapOption(Schema.decode(Text))),
    Effect.catchTags({
      ParseError: (error) => unusable(path, whyOf(error)),
      BadArgument: (error) => unusable(path, error.message),
      SystemError: (error) => unusable(path, error.message),
    }),
  );
  return text._tag === "Some" ? text.value : undefined;
});

/** In a sentence: the schema, which is long, tells nobody more. */
const whyOf = (error: ParseResult.ParseError): string => {
  const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error);
  const place = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  return `${place}${issue?.message ?? "it is not what `tune` writes"}`;
};

const unusable = (path: string, why: string) =>
  Effect.as(
    Effect.logWarning(
      `${path} cannot be used, so nothing counts as tuned: ${why}. \`tune\` writes it anew, \`tune --forget\` removes it`,
    ),
    { _tag: "None" as const },
  );

/** Whole or not at all. */
export const writeTuned = (tuned: Tuned) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const { tuned: path } = yield* dataFolder;
    const beside = `${path}.part`;
    yield* fs.writeFileString(beside, `${JSON.stringify(Schema.encodeSync(Tuned)(tuned), null, 2)}\n`);
    yield* fs.rename(beside, path);
  });

/** Answers whether there was something. */
export const forgetTuned = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem;
  const { tuned: path } = yield* dataFolder;
  const isThere = yield* fs.exists(path);
  yield* fs.remove(path, { force: true });
  return isThere;
});
