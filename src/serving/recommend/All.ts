/**
 * All: the lists of all shoppers, in a file: for mail campaigns. Each list is the one that the API would answer at that moment, through
 * the same stages and the same gate; whoever is forgotten until then has none. Nothing is changed. Memory does not grow with the number of shoppers: rows are written piece by
 * piece to files of the SQL engine's scratch folder, which are joined in the end.
 */
import { FileSystem } from "@effect/platform";
import { type Chunk, Console, Effect, Layer, Option, Schema, Stream } from "effect";
import * as Adopt from "../../catalogue/Adopt.ts";
import { LiveCatalogue } from "../../catalogue/LiveCatalogue.ts";
import { values } from "../../config/Setting.ts";
import { mappedStill } from "../../datasets/LeftOut.ts";
import { writeFile } from "../../datasets/WriteTable.ts";
import type { ColumnBatch, Field } from "../../domain/Columns.ts";
import { userMap } from "../../domain/TableSchemas.ts";
import { Progress } from "../../ports/Progress.ts";
import { Sql } from "../../ports/Sql.ts";
import { sql } from "../../ports/Statement.ts";
import { Tables } from "../../ports/Tables.ts";
import { ServingModel } from "../ServingModel.ts";
import { campaign } from "../Settings.ts";
import type { Answer } from "./Answer.ts";
import { Many } from "./Many.ts";
import { noFilters, type RecommendQuery } from "./Query.ts";
import { Recommend } from "./Recommend.ts";
import { Shared } from "./Shared.ts";

/** NoModel: nothing to recommend by. NotWritten: the file cannot be. WrongFilter: nobody could understand what was typed. */
export class CampaignError extends Schema.TaggedError<CampaignError>()("CampaignError", {
  reason: Schema.Literal("NoModel", "NotWritten", "WrongFilter"),
  /** The value at fault and the remedy, in a sentence. */
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}

/** A row per item of a list. */
const columns: ReadonlyArray<Field> = [
  { name: "user_id", type: "string", nullable: false },
  /** From 1. */
  { name: "rank", type: "integer", nullable: false },
  /** Null only of what the catalogue has no word of. */
  { name: "item_id", type: "string", nullable: true },
  { name: "item_idx", type: "integer", nullable: false },
  { name: "score", type: "double", nullable: false },
  { name: "source", type: "string", nullable: false },
  { name: "model", type: "string", nullable: true },
  { name: "recommendation_id", type: "string", nullable: false },
];

/** Users whose lists become a batch of rows. */
const atOnce = 1024;
/** Rows that the engine holds before they are a file. */
const rowsOfPiece = 245_760;

/** Whoever was forgotten is called by a name that begins with a control character, as no id does. */
const isId = (id: string): boolean => id.charCodeAt(0) > 31;

const rowsOf = (answers: ReadonlyArray<Answer>): ColumnBatch => {
  const rows = answers.flatMap(({ model, recommendation_id, recommendations, user }) =>
    recommendations.map(({ item_idx, metadata, score, source }, place) => ({
      user_id: user,
      rank: place + 1,
      item_id: metadata?.item_id ?? null,
      item_idx,
      score,
      source,
      model,
      recommendation_id,
    })),
  );
  const column = (name: string) => rows.map((row) => row[name as keyof typeof row]);
  return { rows: rows.length, columns: Object.fromEntries(columns.map(({ name }) => [name, column(name)])) };
};

const noModel = new CampaignError({
  reason: "NoModel",
  message: "no model serves yet: `batch` makes one of the shop's tables",
});

const wrongFilter = ({ message }: { readonly message: string }) =>
  new CampaignError({ reason: "WrongFilter", message });

/** The model that the registry chose, once its items are in memory. */
const serving = Effect.gen(function* () {
  const { changes, chosen } = yield* ServingModel;
  yield* (yield* LiveCatalogue).whenReady;
  const loaded = changes.pipe(
    Stream.filter((found) => found !== undefined),
    Stream.runHead,
    Effect.flatMap(Option.match({ onNone: () => noModel, onSome: Effect.succeed })),
  );
  const known: typeof chosen = Effect.flatMap(chosen, (found) =>
    found === undefined ? Effect.delay(known, "50 millis") : Effect.succeed(found),
  );
  return yield* Effect.flatMap(known, (found) => (found === undefined || Option.isNone(found) ? noModel : loaded));
});

const write = Effect.gen(function* () {
  const { filter, k, out, seen } = yield* values(campaign);
  const files = yield* FileSystem.FileSystem;
  const tables = yield* Tables;
  const part = `${out}.part`;
  const failed = (cause: { readonly message: string }) =>
    new CampaignError({ reason: "NotWritten", message: `${out} cannot be written: ${cause.message}`, cause });
  // Found out before the work is done.
  yield* Effect.mapError(files.writeFileString(part, ""), failed);
  yield* Effect.addFinalizer(() => Effect.ignore(files.remove(part, { force: true })));
  const { answers } = yield* Many;
  const stillMapped = yield* mappedStill;
  const by = yield* serving;
  const { rows: total } = yield* tables.snapshot(userMap.name);
  const session = yield* (yield* Sql).session;
  const task = yield* (yield* Progress).task({ label: "recommend", unit: "shoppers", total });
  const asked: Omit<RecommendQuery, "user"> = {
    ...noFilters,
    k,
    context: [],
    ...(filter === "" ? {} : { filter }),
    seen,
  };
  let lists = 0;
  const rowsFor = (users: Chunk.Chunk<string>) =>
    Effect.gen(function* () {
      const found: Array<Answer> = [];
      const whom = yield* stillMapped(Array.from(users));
      yield* answers(
        by,
        whom.map((user) => ({ ...asked, user })),
        (answer) => void found.push(answer),
      ).pipe(Effect.catchTag("InvalidInput", wrongFilter));
      lists += found.length;
      task.advance(users.length);
      return rowsOf(found);
    });
  const pieces: Array<string> = [];
  const writePiece = (users: Iterable<string>) =>
    Effect.gen(function* () {
      const batches = Stream.fromIterable(users).pipe(Stream.grouped(atOnce), Stream.mapEffect(rowsFor));
      yield* session.load("lists", columns, batches);
      const path = yield* session.scratch("lists.parquet");
      yield* Effect.addFinalizer(() => Effect.ignore(files.remove(path, { force: true })));
      yield* Effect.mapError(writeFile(session, sql`SELECT * FROM lists`, path, "parquet"), failed);
      pieces.push(path);
    });
  yield* tables.read(userMap.name, { columns: ["customer_id"] }).pipe(
    Stream.flatMap(({ columns: { customer_id: ids = [] } }) =>
      Stream.fromIterable(Array.from(ids, String).filter(isId)),
    ),
    Stream.grouped(Math.ceil(rowsOfPiece / k)),
    Stream.runForEach(writePiece),
  );
  if (pieces.length === 0) yield* writePiece([]);
  yield* session.load("lists", columns, Stream.empty);
  yield* writeFile(
    session,
    sql`SELECT * FROM read_parquet(${pieces})`,
    part,
    out.toLowerCase().endsWith(".csv") ? "csv" : "parquet",
  ).pipe(Effect.zipRight(files.rename(part, out)), Effect.mapError(failed));
  yield* Console.log(`${lists} lists of up to ${k} items by model ${by.model}: ${out}`);
});

/** The command `recommend`. */
export const recommendAll = write.pipe(
  Effect.scoped,
  Effect.provide(
    Many.layer.pipe(
      Layer.provideMerge(Recommend.layer),
      Layer.provide(Shared.layer),
      Layer.provideMerge(ServingModel.layer),
      Layer.provideMerge(LiveCatalogue.layer),
      Layer.provide(Adopt.layer),
    ),
  ),
);
