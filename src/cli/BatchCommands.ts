/** BatchCommands: the steps of `batch`, each a command of its own. */
import { Effect } from "effect";
import { preprocessWithoutForgotten, runBatchConfigured } from "../batch/Pipeline.ts";
import { popular } from "../batch/Popular.ts";
import { batch, switching } from "../batch/Settings.ts";
import { popularDays } from "../config/Shared.ts";
import { removeForgotten } from "../forgetting/Remove.ts";
import { csvToDelta } from "../intake/CsvToDelta.ts";
import { maxRejects } from "../intake/Settings.ts";
import { learning } from "../learning/Settings.ts";
import { loadBeside } from "../models/Choose.ts";
import { models } from "../models/Settings.ts";
import { trainModel } from "../models/Train.ts";
import * as Probes from "../roles/Probes.ts";
import { runtime } from "../stream/Settings.ts";
import { training } from "../training/Settings.ts";
import type { Command } from "./Command.ts";

const { debounce, eventTypes, ...online } = learning;

export const allSteps = {
  settings: [batch, switching, "sql", "engines", "spark", learning, runtime],
  program: { on: "stores", run: () => runBatchConfigured, probes: Probes.models },
} satisfies Partial<Command>;

export const batchSteps: ReadonlyArray<Command> = [
  {
    name: "csv-to-delta",
    about: "reads data/raw/{transactions_train,articles,customers}.csv(.gz) into Delta tables",
    settings: [{ maxRejects }, "sql"],
    program: { on: "files", run: () => csvToDelta },
  },
  {
    name: "preprocess",
    about: "makes ids, ratings and histories from raw tables and archived events",
    settings: [{ debounce, eventTypes }, "sql", "engines", "spark"],
    program: { on: "stores", run: () => preprocessWithoutForgotten },
  },
  {
    name: "train",
    about: "trains ALS on what preprocess wrote; adds a model to the registry",
    settings: [training, online, "engines", "spark"],
    program: { on: "stores", run: () => trainModel },
  },
  {
    name: "load",
    about: "loads a trained model into the stores, beside the one that serves",
    settings: [models],
    program: {
      on: "stores",
      run: () => Effect.flatMap(models.load.config, (id) => loadBeside(id === "" ? undefined : id)),
    },
  },
  {
    name: "popular",
    about: "counts the best sellers of the last days",
    settings: [{ popularDays, eventTypes }, "sql", "engines", "spark"],
    program: { on: "stores", run: () => popular },
  },
  {
    name: "forget",
    about: "removes what tables and files still hold of shoppers who are forgotten; each batch begins with it",
    settings: ["sql"],
    program: { on: "stores", run: () => removeForgotten },
  },
  { name: "all", about: "all steps in order, as `batch` alone", ...allSteps },
];
