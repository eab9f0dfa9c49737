/** Reports: what `evaluate` has written, the newest first, each read once. */
import { FileSystem, Path } from "@effect/platform";
import { Effect, Option, Schema } from "effect";
import { Report } from "./Report.ts";

/** So many of the newest are looked at. */
const mostRead = 20;

const decode = Schema.decodeOption(Schema.parseJson(Report));

/** Answers the reports of a folder; one that cannot be read, as of another version, is passed over. */
export const makeReports = (folder: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const path = yield* Path.Path;
    /** By name: reports do not change once they are written. */
    const known = new Map<string, Option.Option<Report>>();
    const read = (name: string) =>
      Effect.suspend(() => {
        const before = known.get(name);
        if (before !== undefined) return Effect.succeed(before);
        return Effect.map(fs.readFileString(path.join(folder, name)), (text) => {
          const found = decode(text);
          known.set(name, found);
          return found;
        });
      }).pipe(Effect.orElseSucceed(() => Option.none<Report>()));
    return Effect.gen(function* () {
      const names = yield* Effect.orElseSucceed(fs.readDirectory(folder), () => []);
      const newest = names
        .filter((name) => /^evaluation-.*\.json$/.test(name))
        .toSorted()
        .reverse()
        .slice(0, mostRead);
      const found = yield* Effect.forEach(newest, read);
      for (const name of known.keys()) if (!newest.includes(name)) known.delete(name);
      return found.flatMap(Option.toArray);
    });
  });
