/** Work: how Spark's steps are asked for one after the other, and the folder where they keep what they make. */
import { rm } from "node:fs/promises";
import { Effect, type Schema, type Scope } from "effect";
import { BatchStepsError, type Tell } from "../../../src/ports/BatchSteps.ts";
import type { SqlService } from "../../../src/ports/Sql.ts";
import type { TablesService } from "../../../src/ports/Tables.ts";
import type { SparkProgress, SparkSession } from "../../engines/spark/Session.ts";
import type { OpenSession } from "../../engines/spark/Sessions.ts";
import { tellingSilence } from "../../engines/spark/Silence.ts";
import type { SparkError } from "../../engines/spark/SparkError.ts";

/** Whom to tell, the step's name for people, and its part of all work. */
export type Told = readonly [tell: Tell, name: string, part: number];

export interface Work {
  readonly tables: TablesService;
  readonly engine: SqlService;
  readonly folder: string;
  readonly ask: <A, I>(
    step: string,
    args: unknown,
    result: Schema.Schema<A, I>,
    told?: Told,
  ) => Effect.Effect<A, BatchStepsError>;
}

export const stepsError = ({ cause, message, reason }: SparkError): BatchStepsError =>
  new BatchStepsError({ reason: reason === "Missing" ? "Unavailable" : reason, message, cause });

/** Tells which step is at work, how far Spark's stages are, and, in the end, its part of all work. */
const asking =
  (session: SparkSession): Work["ask"] =>
  (step, args, result, told = [() => undefined, step, 0]) => {
    const [tell, name, part] = told;
    const watch = ({ done, of }: SparkProgress) => tell(`${name} ${done}/${of}`, 0);
    const asked = tellingSilence({ step, log: session.log }, watch, (heard) =>
      session.ask(step, args, result, { watch: heard }),
    );
    return Effect.sync(() => tell(name, 0)).pipe(
      Effect.zipRight(Effect.mapError(asked, stepsError)),
      Effect.tap(() => Effect.sync(() => tell(name, part))),
    );
  };

/** The folder is gone with the scope. */
export const workIn = (
  open: OpenSession,
  tables: TablesService,
  engine: SqlService,
): Effect.Effect<Work, BatchStepsError, Scope.Scope> =>
  Effect.gen(function* () {
    const session = yield* open;
    const folder = yield* Effect.acquireRelease(session.staging("batch"), (path) =>
      Effect.promise(() => rm(path, { recursive: true, force: true })),
    );
    return { tables, engine, folder, ask: asking(session) };
  }).pipe(Effect.mapError(stepsError));
