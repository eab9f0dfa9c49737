/**
 * Studies: `tune` and `evaluate`, started for whoever asks the API, each in a process of its own: one of a kind at a time, how far it is, and
 * what became of the last ones. They change nothing that serves: what is tuned the next batch uses.
 */
import type { FileSystem, Path } from "@effect/platform";
import { Clock, Context, Effect, Layer, Random } from "effect";
import { hasData } from "../batch/CsvFiles.ts";
import { dataFolder } from "../config/DataFolder.ts";
import { makeReports } from "../evaluation/Reports.ts";
import { type EvaluationSummary, summaryOf } from "../evaluation/Summary.ts";
import { worthOf } from "../models/Evidence.ts";
import type { BatchEnd, BatchStep } from "../ports/Batches.ts";
import { Studies as Port, type Study } from "../ports/Studies.ts";
import type { Tables } from "../ports/Tables.ts";
import { Turns } from "../ports/Turns.ts";
import { Conflicting, NotNow } from "../serving/Errors.ts";
import { readTuned } from "../training/TunedFile.ts";
import { Vitals } from "../vitals/Vitals.ts";
import { type EndedStudy, mostRemembered, type RunningStudy, type TunedNow } from "./StudySchema.ts";

export interface StudiesService {
  readonly state: (kind: Study["kind"]) => {
    readonly running: RunningStudy | null;
    readonly ended: ReadonlyArray<EndedStudy>;
  };
  /** Begins it and answers at once. */
  readonly start: (study: Study) => Effect.Effect<RunningStudy, Conflicting | NotNow>;
  /** What is tuned; null where nothing is. */
  readonly tuned: Effect.Effect<TunedNow | null>;
  /** The newest report; null where there is none. */
  readonly evaluation: Effect.Effect<EvaluationSummary | null>;
}

interface Run {
  readonly id: string;
  readonly started: number;
  step: BatchStep | null;
}

interface Kept {
  now: Run | undefined;
  /** Newest first. */
  readonly ended: Array<EndedStudy>;
}

const words = {
  tune: { named: "A tuning", path: "/tuning", place: "tuning" },
  evaluate: { named: "An evaluation", path: "/evaluation", place: undefined },
} as const;

const iso = (millis: number): string => new Date(millis).toISOString();

const told = ({ id, started, step }: Run): RunningStudy => ({ id, started: iso(started), step });

const refuse = (message: string) => Effect.fail(new Conflicting({ message }));

const noData = refuse(
  "The DATA_DIR of this process has no data to look at: ask the API of one that shares its files with the batch, such as all-in-one.",
);

const unreadable = (error: { readonly message: string }) =>
  Effect.zipRight(
    Effect.logWarning(`no study could be started: ${error.message}`),
    new NotNow({ message: "The tables of this process cannot be read just now: ask again." }),
  );

const why = ({ code, detail }: BatchEnd): string | null =>
  code === 0 ? null : detail !== "" ? detail : code === undefined ? "it was killed" : `it ended with code ${code}`;

const make = Effect.gen(function* () {
  const context = yield* Effect.context<Tables | FileSystem.FileSystem | Path.Path>();
  const scope = yield* Effect.scope;
  const { run } = yield* Port;
  const { at } = yield* Turns;
  const reports = yield* makeReports((yield* dataFolder).reports);
  const kept: Readonly<Record<Study["kind"], Kept>> = {
    tune: { now: undefined, ended: [] },
    evaluate: { now: undefined, ended: [] },
  };

  const state: StudiesService["state"] = (kind) => {
    const { ended, now } = kept[kind];
    return { running: now === undefined ? null : told(now), ended };
  };

  const { studies } = yield* Vitals;
  for (const kind of ["tune", "evaluate"] as const) studies.set(kind, () => state(kind).running);

  const begin = (study: Study) =>
    Effect.gen(function* () {
      const started = yield* Clock.currentTimeMillis;
      const tail = (yield* Random.nextIntBetween(0, 0x10000)).toString(16).padStart(4, "0");
      const one: Run = { id: `${iso(started).slice(0, 19).replaceAll(/[-:]/g, "")}-${tail}`, started, step: null };
      const own = kept[study.kind];
      own.now = one;
      const onStep = (step: BatchStep | null) => {
        one.step = step;
      };
      const work = Effect.matchEffect(run(study, onStep), {
        onFailure: ({ message }) => Effect.succeed(message),
        onSuccess: (end) => Effect.succeed(why(end)),
      }).pipe(
        Effect.flatMap((detail) =>
          Effect.map(Clock.currentTimeMillis, (now) => {
            const outcome = detail === null ? "done" : "failed";
            own.ended.unshift({ id: one.id, started: iso(started), ended: iso(now), outcome, detail });
            own.ended.length = Math.min(own.ended.length, mostRemembered);
          }),
        ),
        Effect.ensuring(
          Effect.sync(() => {
            own.now = undefined;
          }),
        ),
      );
      // Interrupted when the API is stopped.
      yield* Effect.forkIn(Effect.interruptible(work), scope);
      return told(one);
    }).pipe(Effect.uninterruptible);

  const start: StudiesService["start"] = (study) =>
    Effect.gen(function* () {
      const { named, path, place } = words[study.kind];
      if (!(yield* Effect.catchAll(hasData, unreadable))) return yield* noData;
      const busy = place === undefined ? undefined : yield* at(place);
      const under = kept[study.kind].now;
      if (under !== undefined) return yield* refuse(`${named} is under way: GET ${path} tells how far it is.`);
      if (busy !== undefined) return yield* refuse(`Now ${busy}: ask again after its end.`);
      return yield* begin(study);
    }).pipe(Effect.provide(context));

  const tuned = Effect.map(readTuned, (found): TunedNow | null =>
    found === undefined
      ? null
      : {
          tuned_at: found.tunedAt,
          proven: found.proven,
          learner: found.learning.learner,
          worth: worthOf(found.evidence),
        },
  ).pipe(
    Effect.provide(context),
    Effect.orElseSucceed(() => null),
  );

  return {
    ...{ state, start, tuned },
    evaluation: Effect.map(reports, ([newest]) => (newest === undefined ? null : summaryOf(newest))),
  } satisfies StudiesService as StudiesService;
});

export class Studies extends Context.Tag("slipstream/StudyRuns")<Studies, StudiesService>() {
  static readonly layer = Layer.scoped(Studies, make);
}
