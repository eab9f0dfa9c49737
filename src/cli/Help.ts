/** Help: the first page: what there is and where to start. `COMMAND --help` tells the rest. */
export const commands = {
  "all-in-one": "everything in one process; makes what is missing: sample data, a model",
  batch: "learn from all data and serve the new model; each step is also a command",
  api: "answer recommendations over HTTP",
  updater: "apply events to user vectors, each exactly once",
  archiver: "write events to the Delta table raw/events, each once",
  producer: "simulate shoppers, or replay history",
  models: "list, show, use and delete models",
  evaluate: "measure models on held-out data, and what online learning is worth",
  generate: "make a shop in the H&M format, of any size",
  import: "read any other shop's events and items, CSV or Parquet",
} as const;

export type CommandName = keyof typeof commands;

const list = Object.entries(commands)
  .map(([name, about]) => `  ${name.padEnd(11)} ${about}`)
  .join("\n");

export const firstPage = (version: string): string => `Slipstream ${version}: real-time recommendations for shops

Usage: node dist/main.js COMMAND [--flag value …]
       ROLE=COMMAND node dist/main.js

${list}

Start here:
  node dist/main.js all-in-one                      a sample shop, live on http://127.0.0.1:8000
  node dist/main.js import --events events.csv --user user_id --item item_id && node dist/main.js all-in-one
                                                    your own shop

Every flag is also an environment variable; flags win. \`COMMAND --help\` lists them with their defaults.
`;
