/** DataFolder: where everything lies below DATA_DIR. Nobody else joins a path to it. */
import { join } from "node:path";
import { Config } from "effect";
import { text } from "./Setting.ts";

export const storage = {
  dataDir: text("DATA_DIR", {
    default: "data",
    description: "Folder of all files: raw CSV, Delta tables, embedded stores.",
  }),
};

export interface DataFolder {
  readonly root: string;
  /** In which format the folder is written, and by whom. */
  readonly format: string;
  /** Whose turn it is to work on the files. */
  readonly turn: string;
  /** Whose turn it is to tune. */
  readonly tuningTurn: string;
  /** That the data are of `generate`. */
  readonly madeUp: string;
  /** CSV files in the H&M format, as they came. */
  readonly raw: string;
  /** Rows of files that could not be used. */
  readonly rejected: string;
  /** Delta tables, a folder each. */
  readonly tables: string;
  /** Tables of the models, a folder for each model. */
  readonly models: string;
  /** What the SQL engine has no memory for. */
  readonly spill: string;
  /** Spark's logs, and what it has no place for elsewhere. */
  readonly spark: string;
  /** The embedded store. */
  readonly store: string;
  /** Item vectors of the embedded index, a folder for each model. */
  readonly items: string;
  /** Of `evaluate`. */
  readonly reports: string;
  /** Of the API: names, scopes and hashes. */
  readonly keys: string;
  /** What `tune` found; and what it tried, so that it can go on. */
  readonly tuned: string;
  readonly trials: string;
}

export const dataFolderAt = (root: string): DataFolder => ({
  root,
  format: join(root, "format.json"),
  turn: join(root, "turn.json"),
  tuningTurn: join(root, "tuning.turn.json"),
  madeUp: join(root, "made-up.json"),
  raw: join(root, "raw"),
  rejected: join(root, "rejected"),
  tables: join(root, "delta"),
  models: join(root, "delta", "models"),
  spill: join(root, "spill"),
  spark: join(root, "spark"),
  store: join(root, "store"),
  items: join(root, "store", "items"),
  reports: join(root, "reports"),
  keys: join(root, "keys"),
  tuned: join(root, "tuned.json"),
  trials: join(root, "tuning"),
});

/** As DATA_DIR says. */
export const dataFolder: Config.Config<DataFolder> = Config.map(storage.dataDir.config, dataFolderAt);
