/**
 * Models: the versions of the shop's model: what each is, putting one to use, deleting one.
 *
 * A use goes on by itself: it may have to load the model, and waits until the model has caught up. This process does one at a
 * time and remembers the last; when it stops, a use that is not through changes nothing, and can be asked for again.
 */
import type { FileSystem, Path } from "@effect/platform";
import { Cause, Clock, Context, Effect, Layer, Schema } from "effect";
import { dataFolder } from "../config/DataFolder.ts";
import type { Model } from "../domain/Model.ts";
import { makeReports } from "../evaluation/Reports.ts";
import { EvaluationSummary, isOf, summaryOf } from "../evaluation/Summary.ts";
import { useChosen } from "../models/Choose.ts";
import { deleteModel } from "../models/Delete.ts";
import {
  ModelDetails as Details,
  type ModelDetails,
  type ModelSummary,
  modelDetailsOf,
  modelSummaries,
} from "../models/Described.ts";
import type { ModelError } from "../models/Registry.ts";
import type { Catalogue } from "../ports/Catalogue.ts";
import type { DeadLetters } from "../ports/DeadLetters.ts";
import type { EventLog } from "../ports/EventLog.ts";
import type { Forgotten } from "../ports/Forgotten.ts";
import type { ItemIndex } from "../ports/ItemIndex.ts";
import { ModelRegistry, type RegistryState } from "../ports/ModelRegistry.ts";
import { Progress } from "../ports/Progress.ts";
import type { Tables } from "../ports/Tables.ts";
import type { UserStates } from "../ports/UserStates.ts";
import { makeSteps, Step } from "../vitals/Steps.ts";
import { unanswered } from "../vitals/Waiting.ts";
import { Conflicting, NotNow, UnknownIds } from "./Errors.ts";
import { shown } from "./FieldError.ts";

const Moment = Schema.String.annotations({ description: "ISO 8601, in UTC." });

export const Use = Schema.Struct({
  model: Schema.String,
  state: Schema.Literal("running", "done", "failed").annotations({
    description: "done: it serves. failed: what served before goes on, and the detail says why.",
  }),
  step: Schema.NullOr(Step),
  started: Moment,
  ended: Schema.NullOr(Moment),
  detail: Schema.NullOr(Schema.String),
}).annotations({ identifier: "Use", description: "How far a model is on its way to serve." });
export type Use = typeof Use.Type;

export const ModelCard = Schema.Struct({
  ...Details.fields,
  evaluation: Schema.NullOr(EvaluationSummary).annotations({
    description:
      "The newest report of `evaluate` on a model that is trained and learns as this one; null where DATA_DIR of this process has none.",
  }),
  use: Schema.NullOr(Use).annotations({
    description: "What became of the last time that this process was told to use it; null where it was not.",
  }),
}).annotations({ identifier: "ModelCard" });
export type ModelCard = ModelDetails & { readonly evaluation: EvaluationSummary | null; readonly use: Use | null };

export interface ModelsService {
  /** Oldest first. */
  readonly list: Effect.Effect<ReadonlyArray<ModelSummary>, NotNow>;
  readonly card: (id: string) => Effect.Effect<ModelCard, UnknownIds | NotNow>;
  /** Begins it, or tells of the one of this model that is under way; another's under way is a conflict. */
  readonly use: (id: string) => Effect.Effect<Use, UnknownIds | Conflicting | NotNow>;
  /** The use that is under way in this process. */
  readonly underWay: () => Use | undefined;
  /** Of one that neither serves nor is on its way to. Once begun it is gone through with. */
  readonly remove: (id: string) => Effect.Effect<void, UnknownIds | Conflicting | NotNow>;
}

/** What a model is loaded, caught up and deleted by. */
export type ModelPorts =
  | ModelRegistry
  | EventLog
  | DeadLetters
  | UserStates
  | Catalogue
  | ItemIndex
  | Forgotten
  | Tables
  | FileSystem.FileSystem
  | Path.Path;

interface Task {
  readonly model: string;
  readonly started: number;
  readonly step: () => Step | null;
  ended: number | undefined;
  detail: string | undefined;
}

const iso = (millis: number): string => new Date(millis).toISOString();

const told = ({ detail, ended, model, started, step }: Task): Use => ({
  model,
  state: ended === undefined ? "running" : detail === undefined ? "done" : "failed",
  step: ended === undefined ? step() : null,
  started: iso(started),
  ended: ended === undefined ? null : iso(ended),
  detail: detail ?? null,
});

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const notNow =
  (what: string) =>
  (error: { readonly _tag: string }): Effect.Effect<never, NotNow> =>
    Effect.zipRight(
      Effect.logWarning(`${what}: ${said(error)}`),
      new NotNow({ message: `${what}: ${unanswered(error)}. Ask again.` }),
    );

const unknown = (id: string, { models }: RegistryState): UnknownIds =>
  new UnknownIds({
    message: "There is no such model.",
    errors: [
      {
        field: "model_id",
        value: shown(id),
        detail:
          models.length === 0
            ? "there is none yet: POST /batch makes one"
            : `send the id of one that GET /models lists, such as ${models.at(-1)?.id}`,
      },
    ],
  });

const find = (id: string) =>
  Effect.flatMap(
    Effect.flatMap(ModelRegistry, (registry) => registry.state),
    (state): Effect.Effect<readonly [Model, RegistryState], UnknownIds> => {
      const model = state.models.find((one) => one.id === id);
      return model === undefined ? Effect.fail(unknown(id, state)) : Effect.succeed([model, state]);
    },
  );

const why = (cause: Cause.Cause<unknown>): string =>
  Cause.isInterruptedOnly(cause) ? "this process was told to stop" : said(Cause.squash(cause));

const make = Effect.gen(function* () {
  const context = yield* Effect.context<ModelPorts>();
  const scope = yield* Effect.scope;
  /** The last use of each model that this process was told to use. */
  const tasks = new Map<string, Task>();
  const reports = yield* makeReports((yield* dataFolder).reports);
  const running = () => [...tasks.values()].find(({ ended }) => ended === undefined);

  const list = modelSummaries.pipe(Effect.provide(context), Effect.catchAll(notNow("The models cannot be listed")));

  const evaluationOf = (model: Model) =>
    Effect.map(reports, (all) => {
      const found = all.find((report) => isOf(report, model));
      return found === undefined ? null : summaryOf(found);
    });

  const card: ModelsService["card"] = (id) =>
    find(id).pipe(
      Effect.flatMap(([model, state]) => Effect.all([modelDetailsOf(model, state), evaluationOf(model)])),
      Effect.map(([details, evaluation]): ModelCard => {
        const task = tasks.get(id);
        return { ...details, evaluation, use: task === undefined ? null : told(task) };
      }),
      Effect.provide(context),
      Effect.catchAll(
        (error): Effect.Effect<never, UnknownIds | NotNow> =>
          error._tag === "UnknownIds" ? Effect.fail(error) : notNow("The model cannot be read")(error),
      ),
    );

  const begin = (id: string) =>
    Effect.gen(function* () {
      const steps = makeSteps();
      const task: Task = {
        ...{ model: id, started: yield* Clock.currentTimeMillis, step: steps.now },
        ...{ ended: undefined, detail: undefined },
      };
      tasks.set(id, task);
      const work = useChosen(id).pipe(
        Effect.provideService(Progress, steps.progress),
        Effect.provide(context),
        Effect.tapErrorCause((cause) => Effect.logWarning(`model ${id} was not put to use: ${why(cause)}`)),
        Effect.onExit((exit) =>
          Effect.map(Clock.currentTimeMillis, (now) => {
            task.ended = now;
            if (exit._tag === "Failure") task.detail = why(exit.cause);
          }),
        ),
      );
      // Interrupted when the API is stopped, so that what it follows the log by is let go.
      yield* Effect.forkIn(Effect.interruptible(work), scope);
      return told(task);
    }).pipe(Effect.uninterruptible);

  const use: ModelsService["use"] = (id) =>
    find(id).pipe(
      Effect.provide(context),
      Effect.catchTag("ModelRegistryError", notNow("No model can be put to use")),
      Effect.flatMap((): Effect.Effect<Use, Conflicting> => {
        const under = running();
        if (under === undefined) return begin(id);
        if (under.model === id) return Effect.succeed(told(under));
        const message = `Model ${under.model} is on its way to serve: wait for its end, which GET /models/${under.model} tells.`;
        return new Conflicting({ message });
      }),
    );

  const refused = (id: string) => (error: ModelError) =>
    error.reason === "Serving"
      ? new Conflicting({ message: `Model ${id} serves: put another to use first (POST /models/{model_id}/use).` })
      : Effect.flatMap(Effect.provide(find(id), context), () => new Conflicting({ message: error.message }));

  const remove: ModelsService["remove"] = (id) =>
    Effect.gen(function* () {
      yield* find(id);
      if (running()?.model === id) {
        return yield* new Conflicting({ message: `Model ${id} is on its way to serve: wait for its end.` });
      }
      yield* Effect.catchTag(deleteModel(id), "ModelError", refused(id));
      tasks.delete(id);
    }).pipe(
      Effect.provide(context),
      Effect.catchAll(
        (error): Effect.Effect<never, UnknownIds | Conflicting | NotNow> =>
          error instanceof UnknownIds || error instanceof Conflicting
            ? Effect.fail(error)
            : notNow("The model could not be deleted")(error),
      ),
      Effect.uninterruptible,
    );

  const underWay = () => {
    const task = running();
    return task === undefined ? undefined : told(task);
  };

  return { list, card, use, underWay, remove };
});

export class Models extends Context.Tag("slipstream/Models")<Models, ModelsService>() {
  static readonly layer = Layer.scoped(Models, make);
}
