/** Settings: the made-up shop and its shoppers. */
import { Option } from "effect";
import { boolean, choice, duration, flagged, integer, number, text } from "../config/Setting.ts";
import { parseDay } from "../domain/Day.ts";
import { usualUntil } from "./Calendar.ts";

/** So that the longest of shops begins within the times that events may have. */
const firstUntil = parseDay("2000-01-01")!;

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
      description: "Seed of the made-up shop; the same seed, sizes and last day give the same bytes.",
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
  days: flagged("days", integer("GENERATE_DAYS", { default: 734, min: 1, max: 7_300, description: "Days covered." })),
  until: flagged(
    "until",
    text(
      "GENERATE_UNTIL",
      {
        default: usualUntil,
        description: "Last day covered, in UTC; unless given, the shop of all-in-one's first start ends yesterday.",
      },
      {
        allowed: "a day from 2000-01-01 to today, or yesterday",
        parse: (given) =>
          Option.filter(Option.some(given.trim()), (day) => day === "yesterday" || (parseDay(day) ?? 0) >= firstUntil),
      },
    ),
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
