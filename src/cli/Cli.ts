/** Cli: the commands; each is a program over the ports whose settings are its flags. */
import { Args, Command, Options } from "@effect/cli";
import type { Etag, HttpPlatform, HttpServer } from "@effect/platform";
import { Console, Effect, Layer, Option } from "effect";
import { csvToDelta } from "../batch/CsvToDelta.ts";
import { importConfigured } from "../batch/ImportConfigured.ts";
import { loadChosen, runBatch } from "../batch/Pipeline.ts";
import { popular } from "../batch/Popular.ts";
import { preprocess } from "../batch/Preprocess.ts";
import { evaluate as evaluateSettings, generate, importing, producer } from "../config/DataSettings.ts";
import { kafka, qdrant, redis } from "../config/ServerSettings.ts";
import { archive, batch, eventLog, health, http, learning, runtime } from "../config/Settings.ts";
import { evaluate } from "../evaluation/Evaluate.ts";
import { evaluateOptions } from "../evaluation/Options.ts";
import { formatReport } from "../evaluation/ReportText.ts";
import { deleteModel } from "../models/Delete.ts";
import { modelDetails, modelTable } from "../models/List.ts";
import { trainModel } from "../models/Train.ts";
import { runUpdaters } from "../models/Updaters.ts";
import { useModel } from "../models/Use.ts";
import type { DeadLetters } from "../ports/DeadLetters.ts";
import type { EventLog } from "../ports/EventLog.ts";
import type { ItemIndex } from "../ports/ItemIndex.ts";
import type { ModelRegistry } from "../ports/ModelRegistry.ts";
import type { Popular } from "../ports/Popular.ts";
import type { Progress } from "../ports/Progress.ts";
import type { Tables } from "../ports/Tables.ts";
import type { UserStates } from "../ports/UserStates.ts";
import { runAllInOne } from "../roles/AllInOne.ts";
import { runArchiver } from "../roles/Archive.ts";
import { withHealthPage } from "../roles/HealthPage.ts";
import * as Probes from "../roles/Probes.ts";
import { runApi } from "../roles/Serve.ts";
import { generateConfigured } from "../simulation/GenerateConfigured.ts";
import { produceConfigured } from "../simulation/ProduceConfigured.ts";
import { command, flags, withGiven } from "./Flags.ts";

/** The layers that the entry point chose. Built inside a command, so that its flags reach them. */
export interface Wiring {
  /** Tables and progress: all that a command on files needs. */
  readonly files: Layer.Layer<Tables | Progress, unknown>;
  /** The log and its dead letters: all that a role needs which knows no model. */
  readonly log: Layer.Layer<EventLog | DeadLetters, unknown>;
  /** Log, states, vectors, registry. */
  readonly stores: Layer.Layer<EventLog | DeadLetters | UserStates | ItemIndex | ModelRegistry | Popular, unknown>;
  readonly http: Layer.Layer<HttpServer.HttpServer | HttpPlatform.HttpPlatform | Etag.Generator, unknown>;
  /** Where a role's health page is served. */
  readonly health: Layer.Layer<HttpServer.HttpServer, unknown>;
  readonly logging: Layer.Layer<never, unknown>;
}

const { rank, regularization, alpha, iterations, seed, threads } = batch;
const training = { rank, regularization, alpha, iterations, seed, threads };

const model = Options.text("model").pipe(
  Options.withDescription("Id of the model, or its first characters; the newest when left out."),
  Options.optional,
);

const id = Args.text({ name: "ID" }).pipe(Args.withDescription("Id of the model, or its first characters."));

const runEvaluate = Effect.gen(function* () {
  const { report, json, html } = yield* evaluate(yield* evaluateOptions);
  yield* Console.log(formatReport(report));
  yield* Console.log(`\nreport: ${html}\n  data: ${json}`);
});

/** Every command, on these layers. */
export const makeRoot = (wiring: Wiring) => {
  const files = Layer.provideMerge(wiring.files, wiring.logging);
  const log = Layer.provideMerge(wiring.log, files);
  const stores = Layer.provideMerge(wiring.stores, files);
  const onFiles = Effect.provide(files);
  const onLog = Effect.provide(log);
  const onStores = Effect.provide(stores);
  const serving = Effect.provide(Layer.provideMerge(wiring.http, stores));

  /** Where the stores are: the groups of every command that opens them. */
  const servers = [kafka, redis, qdrant] as const;

  const batchRole = onStores(withHealthPage("batch", Probes.models, wiring.health)(runBatch));

  const load = Command.make("load", { given: flags(...servers), model }, ({ given, model }) =>
    withGiven(given)(onStores(loadChosen(Option.getOrUndefined(model)))),
  ).pipe(Command.withDescription("Loads a trained model into the stores, beside the one that serves."));

  const batchCommand = command(
    "batch",
    "Trains on all data and serves the new model: csv-to-delta, preprocess, train, load, popular, use. Each step is also a command.",
    [batch, learning, eventLog, health, ...servers],
    batchRole,
  ).pipe(
    Command.withSubcommands([
      command(
        "all",
        "All steps in order, as `batch` alone.",
        [batch, learning, eventLog, health, ...servers],
        batchRole,
      ),
      command(
        "csv-to-delta",
        "Reads data/raw/{transactions_train,articles,customers}.csv(.gz) into Delta tables.",
        [{ maxRejects: batch.maxRejects }],
        onFiles(csvToDelta),
      ),
      command(
        "preprocess",
        "Makes ids, ratings and histories from raw tables and archived events.",
        [],
        onFiles(preprocess()),
      ),
      command(
        "train",
        "Trains ALS on what preprocess wrote; adds a model to the registry.",
        [training, ...servers],
        onStores(trainModel),
      ),
      load,
      command(
        "popular",
        "Counts the best sellers of the last days.",
        [{ popularDays: batch.popularDays }, ...servers],
        onStores(popular),
      ),
    ]),
  );

  const modelCommand = <Name extends string, E, R>(
    name: Name,
    description: string,
    run: (id: string) => Effect.Effect<unknown, E, R>,
  ) =>
    Command.make(name, { given: flags(learning, runtime, ...servers), id }, ({ given, id }) =>
      withGiven(given)(onStores(run(id))),
    ).pipe(Command.withDescription(description));

  const list = Effect.flatMap(modelTable, Console.log);

  const models = command("models", "Lists the models; * marks the one that serves.", servers, onStores(list)).pipe(
    Command.withSubcommands([
      command("list", "Lists the models; * marks the one that serves.", servers, onStores(list)),
      modelCommand("show", "Prints all that is known of a model, as JSON.", (id) =>
        Effect.flatMap(modelDetails(id), Console.log),
      ),
      modelCommand("use", "Serves a model, once it has learnt what happened since its training.", useModel),
      modelCommand("delete", "Deletes a model that does not serve.", deleteModel),
    ]),
  );

  return Command.make("slipstream").pipe(
    Command.withDescription(
      "Real-time recommendations for shops. Start with `all-in-one`; every command tells its flags by --help.",
    ),
    Command.withSubcommands([
      command(
        "all-in-one",
        "Everything in one process: makes what is missing (sample data, a model), then updater, archiver and API.",
        [http, batch, learning, eventLog, runtime, archive, ...servers],
        serving(runAllInOne),
      ),
      batchCommand,
      command(
        "updater",
        "Applies events to user vectors, exactly once.",
        [learning, eventLog, runtime, health, ...servers],
        onStores(withHealthPage("updater", Probes.models, wiring.health)(runUpdaters)),
      ),
      command(
        "archiver",
        "Writes events to the Delta table raw/events, each once.",
        [archive, eventLog, runtime, health, kafka],
        onLog(withHealthPage("archiver", Probes.archiver, wiring.health)(runArchiver)),
      ),
      command("api", "Serves recommendations over HTTP.", [http, eventLog, ...servers], serving(runApi)),
      command(
        "evaluate",
        "Measures models on held-out data, and what online learning is worth; writes an HTML report.",
        [evaluateSettings, training, learning],
        onFiles(runEvaluate),
      ),
      command(
        "generate",
        "Writes a simulated shop in the H&M format to data/raw: seeded, of any size.",
        [generate],
        onFiles(generateConfigured),
      ),
      command(
        "import",
        "Reads any other shop's events and items, CSV or Parquet, into the raw tables. Run `batch` or `all-in-one` after it.",
        [importing, { maxRejects: batch.maxRejects }],
        onFiles(importConfigured),
      ),
      command(
        "producer",
        "Simulates shoppers who act on their taste, or replays history, into the event log.",
        [producer, eventLog, health, kafka],
        onLog(withHealthPage("producer", Probes.producer, wiring.health)(produceConfigured)),
      ),
      models,
    ]),
  );
};
