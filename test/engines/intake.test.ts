/** Files that pandas, polars, pyarrow, Spark and Excel write, as `import` reads them: each says what its writer meant. */
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@effect/vitest";
import { Effect, Schema } from "effect";
import { importEvents } from "../../src/intake/ImportEvents.ts";
import { inFolder, rowsOf } from "../support/Folder.ts";

const here = dirname(fileURLToPath(import.meta.url));

const Cases = Schema.Array(
  Schema.Struct({
    file: Schema.String,
    options: Schema.Struct({
      user: Schema.optionalWith(Schema.String, { default: () => "user" }),
      item: Schema.optionalWith(Schema.String, { default: () => "item" }),
      timestamp: Schema.optionalWith(Schema.String, { default: () => "when" }),
      timeFormat: Schema.optional(Schema.String),
      encoding: Schema.optional(Schema.String),
      header: Schema.optional(Schema.Boolean),
    }),
    users: Schema.NullOr(Schema.Array(Schema.String)),
    times: Schema.NullOr(Schema.Array(Schema.Number)),
    rejected: Schema.Number,
    error: Schema.NullOr(Schema.String),
  }),
);

describe("import", () => {
  it.effect("reads the files that others write as they meant them", () =>
    inFolder(
      (folder) =>
        Effect.gen(function* () {
          const python = execFileSync(join(here, "../../scripts/engines/python.sh"), { encoding: "utf8" }).trim();
          const files = dirname(yield* folder.write("files/.keep", ""));
          const printed = execFileSync(python, [join(here, "intake.py"), files], { encoding: "utf8" });
          const cases = Schema.decodeUnknownSync(Schema.parseJson(Cases))(printed);
          const read = cases.map(({ file, options, times }) =>
            Effect.gen(function* () {
              const timestamp = options.timestamp === "" ? undefined : options.timestamp;
              const summary = yield* importEvents({ ...options, timestamp, events: join(files, file) });
              const rows = yield* rowsOf("raw/transactions");
              return {
                users: rows.map((row) => row.customer_id),
                times: times && rows.map((row) => Math.round((row.timestamp as number) * 1000) / 1000),
                rejected: summary.rejectedEvents,
              };
            }).pipe(Effect.catchAll((error) => Effect.succeed({ error: error.message }))),
          );
          const found = yield* Effect.all(read);
          expect(cases.length).toBeGreaterThan(100);
          cases.forEach(({ file, options, users, times, rejected, error }, i) => {
            const meant =
              error === null ? { users, times, rejected } : { error: expect.stringMatching(new RegExp(error)) };
            expect.soft(found[i], `${file} ${JSON.stringify(options)}`).toEqual(meant);
          });
        }),
      { MAX_REJECTS: "60" },
    ),
  );
});
