/** Judged: what Spark found suspicious, judged in this process by the rule that the stream has, and handed back as Parquet. */
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { Effect, Stream } from "effect";
import { judgedRows, makeJudge, rememberedColumns } from "../../../src/datasets/Judge.ts";
import { shownColumns } from "../../../src/datasets/ShownRows.ts";
import { copyRows } from "../../../src/datasets/WriteTable.ts";
import type { ColumnBatch, Field } from "../../../src/domain/Columns.ts";
import { BatchStepsError } from "../../../src/ports/BatchSteps.ts";
import type { SqlError, SqlService, SqlSession } from "../../../src/ports/Sql.ts";
import { sql } from "../../../src/ports/Statement.ts";

const inFolder = <A>(folder: string, work: () => Promise<A>): Effect.Effect<A, BatchStepsError> =>
  Effect.tryPromise({
    try: work,
    catch: (cause) => new BatchStepsError({ reason: "Full", message: `${folder} cannot be used: ${cause}`, cause }),
  });

/** Writes rows as one file in a new folder, which Spark reads. */
export const writeFolder = (
  session: SqlSession,
  folder: string,
  columns: ReadonlyArray<Field>,
  batches: Stream.Stream<ColumnBatch, SqlError>,
): Effect.Effect<void, SqlError | BatchStepsError> =>
  Effect.gen(function* () {
    yield* inFolder(folder, () => mkdir(folder));
    yield* session.load("handed", columns, batches);
    yield* copyRows(session, columns, sql`FROM handed`, join(folder, "part-00000.parquet"));
    yield* session.run(sql`DROP TABLE handed`);
  });

export interface Judging {
  /** Where `retries.suspects` wrote, and where `repeated`, `judged` and `shown` are to be. */
  readonly folder: string;
  readonly newest: ReadonlyMap<number, number>;
  readonly debounceSeconds: number;
}

/**
 * Writes the positions of events that repeat another, what is remembered, and what was shown; answers how many events are
 * repeated.
 */
export const judge = (
  engine: SqlService,
  { debounceSeconds, folder, newest }: Judging,
): Effect.Effect<number, SqlError | BatchStepsError> =>
  Effect.gen(function* () {
    const session = yield* engine.session;
    const suspects = join(folder, "suspects");
    const names = yield* inFolder(suspects, () => readdir(suspects));
    const paths = names
      .filter((name) => /^part-.*\.parquet$/.test(name))
      .sort()
      .map((name) => join(suspects, name));
    const judging = makeJudge(debounceSeconds, (partition) => newest.get(partition));
    const rows = session.stream(sql`
      SELECT user_idx, item_idx, type, time, arrival, log_partition, event_id, position AS place, number, counted, kind
      FROM read_parquet(${paths})`);
    // The session is at work on the rows meanwhile.
    const beside = yield* session.beside;
    yield* writeFolder(beside, join(folder, "shown"), shownColumns, judgedRows(judging, rows));
    const { remembered, repeated } = judging;
    const positions = { rows: repeated.length, columns: { position: repeated } };
    const position: Field = { name: "position", type: "long", nullable: false };
    yield* writeFolder(session, join(folder, "repeated"), [position], Stream.make(positions));
    yield* writeFolder(session, join(folder, "judged"), rememberedColumns, Stream.fromIterable(remembered));
    return repeated.length;
  }).pipe(Effect.scoped);
