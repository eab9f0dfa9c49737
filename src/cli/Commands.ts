/** Commands: all there are, in the order of the first page. */
import { Console, Effect } from "effect";
import { batch } from "../batch/Settings.ts";
import { popularDays, tableRetention } from "../config/Shared.ts";
import { answerConfigured } from "../datasets/Question.ts";
import { question } from "../datasets/Settings.ts";
import { dropConfigured, listConfigured, replayConfigured } from "../deadletters/Configured.ts";
import { letters } from "../deadletters/Settings.ts";
import { evaluateConfigured } from "../evaluation/EvaluateConfigured.ts";
import { evaluate as evaluateSettings, live } from "../evaluation/Settings.ts";
import { importConfigured } from "../intake/ImportConfigured.ts";
import { importing, maxRejects } from "../intake/Settings.ts";
import { learning } from "../learning/Settings.ts";
import { modelCard } from "../models/Card.ts";
import { useChosen } from "../models/Choose.ts";
import { deleteModel } from "../models/Delete.ts";
import { modelDetails, modelTable } from "../models/List.ts";
import { runUpdaters } from "../models/Updaters.ts";
import { StoreFile } from "../ports/StoreFile.ts";
import { runRetrainingConfigured } from "../retraining/Retraining.ts";
import { retraining } from "../retraining/Settings.ts";
import { runAllInOne } from "../roles/AllInOne.ts";
import { runArchiver } from "../roles/Archive.ts";
import * as Probes from "../roles/Probes.ts";
import { runApi } from "../roles/Serve.ts";
import { recommendAll } from "../serving/recommend/All.ts";
import { campaign, exploring, rotating, variants } from "../serving/Settings.ts";
import { generateConfigured } from "../simulation/GenerateConfigured.ts";
import { produceConfigured } from "../simulation/ProduceConfigured.ts";
import { generate, producer } from "../simulation/Settings.ts";
import { archive, runtime } from "../stream/Settings.ts";
import { training } from "../training/Settings.ts";
import { tuneConfigured } from "../tuning/Configured.ts";
import { tuning } from "../tuning/Settings.ts";
import { allSteps, batchSteps } from "./BatchCommands.ts";
import type { Command } from "./Command.ts";
import { keys } from "./Keys.ts";

const { all, limit, reason } = letters;
const { repeats } = evaluateSettings;

const { eventTypes } = learning;

const listModels = {
  about: "lists the models; * marks the one that serves",
  settings: [],
  program: { on: "stores", run: () => Effect.flatMap(modelTable, Console.log) },
} satisfies Partial<Command>;

const operands = [{ name: "ID", about: "id of the model, or its first characters" }];

const modelSteps: ReadonlyArray<Command> = [
  { name: "list", ...listModels },
  {
    name: "show",
    about: "prints all that is known of a model, as JSON",
    settings: [],
    operands,
    program: { on: "stores", run: (id) => Effect.flatMap(modelDetails(id), Console.log) },
  },
  {
    name: "card",
    about: "prints a model's settings, and of each why: it was given, tuned, or is the default",
    settings: [],
    operands,
    program: { on: "stores", run: (id) => Effect.flatMap(modelCard(id), Console.log) },
  },
  {
    name: "use",
    about: "serves a model, once it has learnt what happened since its training",
    settings: [learning, runtime],
    operands,
    program: { on: "stores", run: useChosen },
  },
  {
    name: "delete",
    about: "deletes a model that does not serve",
    settings: [],
    operands,
    program: { on: "stores", run: deleteModel },
  },
];

const listLetters = {
  about: "lists the newest events that could not be used, with the reason, and how many there are",
  settings: [{ reason, limit }],
  program: { on: "stores", run: () => listConfigured },
} satisfies Partial<Command>;

const letterSteps: ReadonlyArray<Command> = [
  { name: "list", ...listLetters },
  {
    name: "replay",
    about: "appends events again that can be used now; each counts once, however often this is run",
    settings: [{ reason, all }],
    program: { on: "stores", run: () => replayConfigured },
  },
  {
    name: "drop",
    about: "deletes events from the dead letters that were replayed, or counted since",
    settings: [{ reason, all }],
    program: { on: "log", run: () => dropConfigured },
  },
];

export const commands: ReadonlyArray<Command> = [
  {
    name: "all-in-one",
    about: "everything in one process; makes what is missing: sample data, a model",
    service: true,
    settings: [retraining, batch, "sql", "engines", "spark", "sparkArchive", learning, runtime, archive, generate],
    program: { on: "api", run: () => runAllInOne },
  },
  {
    name: "batch",
    about: "learns from all data and serves the new model; each step is also a command",
    steps: batchSteps,
    ...allSteps,
  },
  {
    name: "api",
    about: "answers recommendations over HTTP",
    service: true,
    settings: [learning, runtime, { tableRetention }, "sql"],
    program: { on: "api", run: () => runApi },
  },
  {
    name: "updater",
    about: "applies events to user vectors, each exactly once",
    service: true,
    settings: [learning, runtime],
    program: { on: "stores", run: () => runUpdaters, probes: Probes.models },
  },
  {
    name: "archiver",
    about: "writes events to the Delta table raw/events, each once",
    service: true,
    settings: [archive, runtime, "spark", "sparkArchive"],
    program: { on: "log", run: () => runArchiver, probes: Probes.archiver },
  },
  {
    name: "retrain",
    about: "learns from all data again and again, when BATCH_EVERY or BATCH_AT says",
    service: true,
    settings: [retraining, batch, "sql", "engines", "spark", learning, runtime],
    oneOf: [retraining.every, retraining.at],
    program: { on: "stores", run: () => runRetrainingConfigured, probes: Probes.models },
  },
  {
    name: "producer",
    about: "simulates shoppers who act on their taste, or replays history, into the event log",
    service: true,
    settings: [producer, { eventTypes }, "forgotten"],
    program: { on: "log", run: () => produceConfigured, probes: Probes.producer },
  },
  {
    name: "dead-letters",
    ...listLetters,
    about: "lists, replays and drops events that could not be used",
    steps: letterSteps,
  },
  { name: "models", ...listModels, about: "lists, shows, explains, uses and deletes models", steps: modelSteps },
  keys,
  {
    name: "recommend",
    about: "writes the lists of all shoppers to a file, for mail campaigns",
    settings: [campaign, exploring, rotating, { variants }, learning, "sql"],
    required: [campaign.out],
    oneOf: [campaign.all],
    program: { on: "stores", run: () => recommendAll },
  },
  {
    name: "evaluate",
    about:
      "measures models on held-out data, and what online learning is worth; with --live, what recommendations sold",
    settings: [live, evaluateSettings, training, { popularDays }, "engines", "spark", "forgotten", learning],
    program: { on: "files", run: () => evaluateConfigured },
  },
  {
    name: "tune",
    about: "searches better settings on the shop's own past; the next batch uses those that are proven",
    settings: [tuning, training, learning, { popularDays, repeats }, "sql", "engines", "spark", "forgotten"],
    program: { on: "files", run: () => Effect.flatMap(tuneConfigured, Console.log) },
  },
  {
    name: "generate",
    about: "writes a made-up shop in the H&M format to data/raw, of any size",
    settings: [generate],
    program: { on: "files", run: () => generateConfigured },
  },
  {
    name: "import",
    about: "reads any other shop's events and items, CSV or Parquet; `batch` or `all-in-one` comes after it",
    settings: [importing, { maxRejects, eventTypes }, "sql"],
    required: [importing.events, importing.user, importing.item],
    program: { on: "files", run: () => importConfigured },
  },
  {
    name: "compact-store",
    about: "writes the embedded store anew, without bytes of what was removed; stop the service first",
    settings: [],
    program: {
      on: "files",
      run: () =>
        Effect.flatMap(
          Effect.flatMap(StoreFile, ({ compact }) => compact),
          Console.log,
        ),
    },
  },
  {
    name: "sql",
    about: "answers one SELECT over the shop's tables, as a table, CSV or JSON; reads nothing else and writes nothing",
    settings: [question, "sql", "forgotten"],
    operands: [{ name: "SELECT", about: "question over raw.transactions, raw.events, processed.train_data and so on" }],
    program: { on: "files", run: answerConfigured },
  },
];
