/** Rejected: rows of files that could not be used, and name somebody who is forgotten, out of `rejected/`. */
import { randomUUID } from "node:crypto";
import { FileSystem, Path } from "@effect/platform";
import { parse } from "csv-parse/sync";
import { Effect } from "effect";
import { dataFolder } from "../config/DataFolder.ts";
import { saltedHash, type Tombstone } from "../domain/Forgotten.ts";
import { Forgotten } from "../ports/Forgotten.ts";

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** Each value that a row may have had, whatever divided them. */
const valuesIn = (row: string): ReadonlyArray<string> =>
  [row, ...row.split(/[,;|\t\r\n"]/)].map((value) => value.trim());

/** Writes each file of rejects anew that has such rows; what cannot be read is left, and said so. True where all could be read. */
export const removeRejected = (tombstones: ReadonlyArray<Tombstone>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const path = yield* Path.Path;
    const salt = yield* Effect.flatMap(Forgotten, (forgotten) => forgotten.salt);
    const hashes = new Set(tombstones.map(({ hash }) => hash));
    const names = (text: string): boolean => valuesIn(text).some((value) => hashes.has(saltedHash(salt, value)));
    const { rejected } = yield* dataFolder;
    const files = yield* fs.readDirectory(rejected).pipe(Effect.orElseSucceed(() => []));
    const done = yield* Effect.forEach(
      files.filter((name) => name.endsWith(".csv")),
      (name) =>
        Effect.gen(function* () {
          const file = path.join(rejected, name);
          const [head, ...rows] = parse(yield* fs.readFileString(file), { relax_column_count: true }) as Array<
            Array<string>
          >;
          const kept = rows.filter(([, reason = "", row = ""]) => !names(row) && !names(reason));
          if (kept.length === rows.length) return true;
          const lines = kept.map(([line = "", ...texts]) => `${[line, ...texts.map(quoted)].join(",")}\n`);
          const beside = `${file}.${randomUUID()}.part`;
          yield* fs.writeFileString(beside, `${(head ?? []).join(",")}\n${lines.join("")}`);
          yield* fs.rename(beside, file);
          return true;
        }).pipe(
          Effect.catchAllCause((cause) =>
            Effect.as(Effect.logWarning(`rejected rows in ${name} not looked through`, cause), false),
          ),
        ),
    );
    return done.every((one) => one);
  });
