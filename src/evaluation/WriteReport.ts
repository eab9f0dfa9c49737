/** WriteReport: a report as JSON and as a page, in a folder. */
import { randomUUID } from "node:crypto";
import { FileSystem, Path } from "@effect/platform";
import { Effect } from "effect";
import { EvaluateError } from "./EvaluateError.ts";

/** Writes `KIND-<time>.json` and `.html`; each whole or not at all, also where another process writes one of the same second. */
export const writeReport = (kind: string, createdAt: string, data: unknown, page: string, folder: string) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem;
    const path = yield* Path.Path;
    const name = `${kind}-${createdAt.slice(0, 19).replace(/[-:]/g, "")}`;
    const json = path.join(folder, `${name}.json`);
    const html = path.join(folder, `${name}.html`);
    const write = (file: string, text: string) => {
      const beside = `${file}.${randomUUID()}.part`;
      return Effect.zipRight(files.writeFileString(beside, text), files.rename(beside, file)).pipe(
        Effect.ensuring(Effect.ignore(files.remove(beside, { force: true }))),
      );
    };
    yield* files.makeDirectory(folder, { recursive: true });
    yield* write(json, `${JSON.stringify(data, null, 2)}\n`);
    yield* write(html, page);
    return { json, html };
  }).pipe(
    Effect.mapError(
      (cause) =>
        new EvaluateError({
          reason: "NotWritten",
          message: `The report cannot be written to ${folder}: ${cause.message}. Make the folder writable, or choose another DATA_DIR.`,
          cause,
        }),
    ),
  );
