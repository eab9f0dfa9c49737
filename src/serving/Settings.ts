/** Settings: how long a request waits for an event, and how many do; what sinks that was shown; how much of an answer is to try new items, and is of one product. */
import { Either, Option } from "effect";
import { boolean, choice, duration, flagged, integer, number, spelled, text } from "../config/Setting.ts";
import { defaultShare } from "../learning/NewItemDraw.ts";
import { defaultK, maxK } from "./recommend/Query.ts";

const listsFile = (path: string) => (/\.(?:parquet|csv)$/i.test(path) ? Option.some(path) : Option.none());

export const waiting = {
  waitAfter: duration("WAIT_AFTER", {
    default: "2 seconds",
    max: "1 hour",
    description: "Longest wait of GET /recommend?after=TOKEN for the event to be applied.",
  }),
  maxWaiters: integer("MAX_WAITERS", {
    default: 1000,
    min: 1,
    max: 1_000_000,
    description: "Requests with ?after= that wait at a time; further ones are answered with 503.",
  }),
};

export const exploring = {
  share: number("EXPLORE_SHARE", {
    default: defaultShare,
    min: 0,
    max: 0.5,
    description:
      "Share of an answer's places, in the mean and never the first, that try listed items without interactions; 0: none.",
  }),
};

export const rotating = {
  rotation: number("ROTATION", {
    default: 0,
    min: 0,
    max: 1,
    description:
      "How much items sink in lists that were shown (events of a type with the role shown) and nothing was done to since, where a request does not say: 0 not at all, 1 most.",
  }),
  halfLife: duration("ROTATION_HALF_LIFE", {
    default: "1 day",
    min: "1 minute",
    max: "365 days",
    description: "Time in which an impression counts half as much for ROTATION.",
  }),
};

export const variants = integer("MAX_VARIANTS", {
  default: 0,
  min: 0,
  max: maxK,
  description:
    "The most items of one product, by name and type, in a list of recommendations, where a request does not say; 0: no limit.",
});

export const many = {
  maxBatches: integer("MAX_BATCHES", {
    default: 4,
    min: 1,
    max: 1_000,
    description: "Requests of POST /recommend/batch that are answered at a time; further ones are answered with 503.",
  }),
};

const mostProcesses = 64;

const processesOf = (text: string): Either.Either<number | undefined, string> => {
  const typed = text.trim();
  if (typed.toLowerCase() === "auto") return Either.right(undefined);
  return /^\d{1,2}$/.test(typed) && Number(typed) <= mostProcesses ? Either.right(Number(typed)) : Either.left("");
};

export const beside = {
  processes: spelled("BATCH_PROCESSES", {
    default: undefined,
    fallback: "auto",
    allowed: `auto, or a whole number from 0 to ${mostProcesses}`,
    description:
      "Processes that answer parts of POST /recommend/batch beside the API, each with the catalogue and vectors in memory once more (220 to 370 MiB at 5,000 items). Started once 2,000 users are asked for within ten seconds, ended after three minutes without any; never for more than 200,000 items. auto: one less than there are cores, at most 4. 0: none.",
    read: processesOf,
  }),
};

/** Of the command `recommend`. */
export const campaign = {
  all: flagged(
    "all",
    boolean("RECOMMEND_ALL", { default: false, description: "Lists of all shoppers that the last batch knew." }),
  ),
  out: flagged(
    "out",
    text(
      "RECOMMEND_OUT",
      { default: "", description: "File that the lists are written to: FILE.parquet, or FILE.csv." },
      { allowed: "a path that ends in .parquet or .csv", parse: listsFile },
    ),
  ),
  k: flagged(
    "k",
    integer("RECOMMEND_K", { default: defaultK, min: 1, max: maxK, description: "Items of each list, at most." }),
  ),
  filter: flagged(
    "filter",
    text("RECOMMEND_FILTER", {
      default: "",
      description: "Condition on items, as `filter` of GET /recommend, such as price < 30.",
    }),
  ),
  seen: flagged(
    "seen",
    choice("RECOMMEND_SEEN", ["bought", "seen", "shown", "none"], {
      default: "bought",
      description: "What is left out of what a shopper had to do with, as `seen` of GET /recommend.",
    }),
  ),
};
