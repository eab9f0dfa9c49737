/** DataSettings: made-up shops and shoppers, imports and evaluation. */
import { boolean, choice, duration, flagged, integer, number, text } from "./Setting.ts";

export const evaluate = {
  split: choice("EVALUATE_SPLIT", ["time", "fraction", "leave-last-out"], {
    default: "time",
    description: "What a model is tested on: the last days, the newest share of the interactions, or each user's last.",
  }),
  days: integer("EVALUATE_DAYS", {
    default: 7,
    min: 1,
    max: 36_500,
    description: "Calendar days (UTC) at the end of the data that are tested on, with EVALUATE_SPLIT=time.",
  }),
  fraction: number("EVALUATE_FRACTION", {
    default: 0.8,
    min: 0.01,
    max: 0.99,
    description: "Share of the interactions, oldest first, that is trained on, with EVALUATE_SPLIT=fraction.",
  }),
  k: integer("EVALUATE_K", { default: 12, min: 1, max: 1000, description: "Length of the ranked lists." }),
  maxUsers: integer("EVALUATE_MAX_USERS", {
    default: 10_000,
    min: 1,
    description: "Most test users that are scored; of more, a seeded sample.",
  }),
  repeats: boolean("EVALUATE_REPEATS", {
    default: false,
    description: "Rank items that the user has had before, too. Serving leaves out what was bought.",
  }),
  seed: integer("EVALUATE_SEED", { default: 42, min: 0, description: "Seed of the sample and of the random ranker." }),
};

export const generate = {
  scale: flagged(
    "scale",
    choice("GENERATE_SCALE", ["sample", "hm"], {
      default: "sample",
      description: "Size of the made-up shop: a quick sample, or that of the H&M files (3.7 GB).",
    }),
  ),
  seed: flagged(
    "seed",
    integer("GENERATE_SEED", {
      default: 42,
      min: 0,
      description: "Seed of the made-up shop; the same seed and sizes give the same bytes.",
    }),
  ),
  customers: flagged(
    "customers",
    integer("GENERATE_CUSTOMERS", {
      default: 0,
      min: 0,
      max: 100_000_000,
      description: "Customers; 0 takes the scale's.",
    }),
  ),
  articles: flagged(
    "articles",
    integer("GENERATE_ARTICLES", {
      default: 0,
      min: 0,
      max: 500_000,
      description: "Articles; 0 takes the scale's.",
    }),
  ),
  transactions: flagged(
    "transactions",
    integer("GENERATE_TRANSACTIONS", {
      default: 0,
      min: 0,
      max: 10_000_000_000,
      description: "Transactions; 0 takes the scale's.",
    }),
  ),
  days: flagged(
    "days",
    integer("GENERATE_DAYS", { default: 734, min: 1, max: 7_300, description: "Days covered, up to 2020-09-22." }),
  ),
  overwrite: flagged(
    "overwrite",
    boolean("GENERATE_OVERWRITE", { default: false, description: "Replace files that are already in data/raw." }),
  ),
};

export const producer = {
  rate: flagged(
    "rate",
    number("PRODUCER_RATE", { default: 10, min: 0.001, max: 1_000_000, description: "Events per second." }),
  ),
  limit: flagged(
    "limit",
    integer("PRODUCER_LIMIT", { default: 0, min: 0, description: "Events after which to stop; 0 goes on." }),
  ),
  seed: flagged(
    "seed",
    integer("PRODUCER_SEED", {
      default: 0,
      min: 0,
      max: 4_294_967_295,
      description: "Seed of shoppers and event ids. Events sent again under one seed count once; 0 takes a new one.",
    }),
  ),
  shoppers: flagged(
    "shoppers",
    integer("PRODUCER_SHOPPERS", {
      default: 50_000,
      min: 1,
      max: 1_000_000,
      description: "Most customers that act; of more, a seeded sample.",
    }),
  ),
  catchUp: duration("PRODUCER_CATCH_UP", {
    default: "5 seconds",
    description: "After a stall, events overdue for longer than this are put off instead of sent at once.",
  }),
  replay: flagged(
    "replay",
    text("REPLAY", {
      default: "",
      description: "History to replay instead: a CSV file, or a table such as raw/transactions or raw/events.",
    }),
  ),
  speed: flagged(
    "speed",
    number("REPLAY_SPEED", {
      default: 0,
      min: 0,
      description: "Times real time at which history is replayed; 0 goes by PRODUCER_RATE.",
    }),
  ),
  timestamps: flagged(
    "timestamps",
    choice("REPLAY_TIMESTAMPS", ["now", "keep"], {
      default: "now",
      description: "Whether replayed events carry the time they are sent or that of the history.",
    }),
  ),
};

export const question = {
  format: flagged(
    "format",
    choice("SQL_FORMAT", ["table", "csv", "json"], { default: "table", description: "How `sql` prints its answer." }),
  ),
};

const column = (flag: string, env: string, description: string) =>
  flagged(flag, text(env, { default: "", description }));

export const importing = {
  events: column(
    "events",
    "IMPORT_EVENTS",
    "File of events, CSV (also .gz) or Parquet, or a folder of Parquet files; one row per event. Required.",
  ),
  user: column("user", "IMPORT_USER", "Column of the events with the user's id. Required."),
  item: column("item", "IMPORT_ITEM", "Column of the events with the item's id. Required."),
  timestamp: column(
    "timestamp",
    "IMPORT_TIMESTAMP",
    "Column with the time: unix seconds or milliseconds, or ISO date; without it all are of today.",
  ),
  timeFormat: column(
    "time-format",
    "IMPORT_TIME_FORMAT",
    "How the times are written, e.g. `M/d/yy H:mm` or `dd.MM.yyyy`; `excel`: as Excel counts days.",
  ),
  type: column("type", "IMPORT_TYPE", "Column with the type: click, add_to_cart or purchase; without it: purchase."),
  types: column(
    "types",
    "IMPORT_TYPES",
    "What the shop calls the types, e.g. view=click,buy=purchase; those named ignore are left out.",
  ),
  weight: column("weight", "IMPORT_WEIGHT", "Column with a weight from 0 up, in place of the type's."),
  quantity: column(
    "quantity",
    "IMPORT_QUANTITY",
    "Column with how many pieces a row is about; below 0: a return, which takes back what was bought.",
  ),
  items: column(
    "items",
    "IMPORT_ITEMS",
    "File of items: no others are recommended. Without it, items have ids and no names.",
  ),
  itemId: column("item-id", "IMPORT_ITEM_ID", "Column of the items with the id; by default named as --item."),
  title: column("title", "IMPORT_TITLE", "Column of the items with the name."),
  category: column("category", "IMPORT_CATEGORY", "Column of the items with the product type, to filter by."),
  group: column("group", "IMPORT_GROUP", "Column of the items with the product group, to filter by."),
  appearance: column("appearance", "IMPORT_APPEARANCE", "Column of the items with the graphical appearance."),
  indexGroup: column("index-group", "IMPORT_INDEX_GROUP", "Column of the items with the index group (department)."),
  encoding: column(
    "encoding",
    "IMPORT_ENCODING",
    "Encoding of CSV files, e.g. windows-1252; by default UTF-8, or UTF-16 where the file shows it.",
  ),
  noHeader: flagged(
    "no-header",
    boolean("IMPORT_NO_HEADER", {
      default: false,
      description: "CSV files have no header line; columns are named by number: --user 1.",
    }),
  ),
};
