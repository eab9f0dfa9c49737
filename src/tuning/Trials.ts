/**
 * Trials: what a search has found so far, kept in a file, so that one that is stopped goes on where it was. A line each: what is
 * searched, then every trial when it has ended, and every winner that was tried on the newest days.
 */
import { FileSystem, Path } from "@effect/platform";
import { Effect, Either, Schema } from "effect";
import { dataFolder } from "../config/DataFolder.ts";
import { LearnerName } from "../domain/Learning.ts";
import { Evidence, ModelParameters, Recipe } from "../domain/Model.ts";
import { type Result, trialKey } from "./Halving.ts";

/** Begins the file. Trials count for the same search alone. */
const Search = Schema.Struct({
  kind: Schema.Literal("search"),
  version: Schema.Literal(1),
  /** Of the interactions. */
  data: Schema.String,
  /** The newest interaction's time, unix seconds. */
  until: Schema.Number,
  seed: Schema.Int,
  /** All else that decides what is tried and how it is measured. */
  plan: Schema.String,
  /** That settings are measured on: as many as there was time for when it was begun. Absent in those of before. */
  shoppers: Schema.optional(Schema.Int),
  /** Tried after the default. */
  first: Schema.Array(ModelParameters),
});
export type Search = typeof Search.Type;

const Arm = Schema.Struct({ learner: LearnerName, step: Schema.Number });
const Trial = Schema.Struct({
  kind: Schema.Literal("trial"),
  bracket: Schema.Int,
  rung: Schema.Int,
  parameters: ModelParameters,
  arms: Schema.Array(Arm),
  events: Schema.Int,
  sums: Schema.Array(Schema.Array(Schema.Number)),
  trainSeconds: Schema.Number,
  passSeconds: Schema.Number,
});

/** One winner, compared with the default on the newest part of `data`. */
const Look = Schema.Struct({
  kind: Schema.Literal("look"),
  data: Schema.String,
  recipe: Recipe,
  evidence: Evidence,
  /** That it took. Absent in those of before. */
  seconds: Schema.optional(Schema.Number),
});
export type Look = typeof Look.Type;

const Line = Schema.parseJson(Schema.Union(Search, Trial, Look));
const decode = Schema.decodeUnknownEither(Line);
const encode = Schema.encodeSync(Line);

export interface Kept {
  readonly search: Search;
  readonly results: ReadonlyMap<string, Result>;
  readonly looks: ReadonlyArray<Look>;
}

/** The text of a file; undefined where a line is damaged. The last one may be cut off: whoever wrote it was killed. */
export const parseTrials = (text: string): Kept | undefined => {
  const lines = text.split("\n");
  const whole = lines.slice(0, -1).map((line) => Either.getOrUndefined(decode(line)));
  const [search, ...others] = whole;
  if (search?.kind !== "search") return undefined;
  const results = new Map<string, Result>();
  const looks: Array<Look> = [];
  for (const line of others) {
    if (line === undefined || line.kind === "search") return undefined;
    if (line.kind === "look") looks.push(line);
    else {
      const { kind: _, ...result } = line;
      results.set(trialKey(result), result);
    }
  }
  return { search, results, looks };
};

const lineOf = (line: typeof Search.Type | typeof Trial.Type | Look): string => `${encode(line)}\n`;

const fileOf = Effect.gen(function* () {
  const path = yield* Path.Path;
  const { trials } = yield* dataFolder;
  return { folder: trials, file: path.join(trials, "trials.jsonl") };
});

/** What is kept; undefined where nothing is, or, with a warning, where it cannot be read. */
export const readTrials = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem;
  const { file } = yield* fileOf;
  if (!(yield* fs.exists(file))) return undefined;
  const kept = parseTrials(yield* fs.readFileString(file));
  if (kept === undefined) yield* Effect.logWarning(`${file} is damaged: the search begins anew`);
  return kept;
});

/** Writes the file anew, whole or not at all. */
export const beginTrials = ({ looks, results, search }: Kept) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const { file, folder } = yield* fileOf;
    const trials = [...results.values()].map((result) => lineOf({ kind: "trial", ...result }));
    yield* fs.makeDirectory(folder, { recursive: true });
    yield* fs.writeFileString(`${file}.part`, [lineOf(search), ...looks.map(lineOf), ...trials].join(""));
    yield* fs.rename(`${file}.part`, file);
  });

const append = (line: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const { file } = yield* fileOf;
    yield* fs.writeFileString(file, line, { flag: "a" });
  });

export const keepResult = (result: Result) => append(lineOf({ kind: "trial", ...result }));
export const keepLook = (look: Look) => append(lineOf(look));

/** Answers whether there were some. */
export const forgetTrials = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem;
  const { folder } = yield* fileOf;
  const isThere = yield* fs.exists(folder);
  yield* fs.remove(folder, { recursive: true, force: true });
  return isThere;
});
