/** Settings: what a model is measured on. */
import { boolean, choice, flagged, integer, number } from "../config/Setting.ts";

export const evaluate = {
  split: choice("EVALUATE_SPLIT", ["time", "fraction", "sessions", "leave-last-out", "random"], {
    default: "time",
    description:
      "What a model is tested on: the last days, the newest share of the interactions or of the sessions (each user one), each " +
      "user's last, or a random share, whose figures flatter: the model has seen what came after.",
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
    description:
      "Share of the interactions or sessions, oldest first, that is trained on, with EVALUATE_SPLIT=fraction or sessions; with random, any.",
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
  seed: integer("EVALUATE_SEED", {
    default: 42,
    min: 0,
    description: "Seed of the sample, of the random split and of the random ranker.",
  }),
};

/** What recommendations sold, instead. */
export const live = {
  live: flagged(
    "live",
    boolean("EVALUATE_LIVE", {
      default: false,
      description:
        "Tell what recommendations sold instead: clicks and purchases that came of them, from archived events that carry a recommendation_id.",
    }),
  ),
  days: flagged(
    "live-days",
    integer("EVALUATE_LIVE_DAYS", {
      default: 30,
      min: 1,
      max: 36_500,
      description: "Days before the newest event that are looked at, with --live.",
    }),
  ),
  conversionDays: flagged(
    "conversion-days",
    integer("EVALUATE_CONVERSION_DAYS", {
      default: 7,
      min: 1,
      max: 365,
      description: "Days in which a purchase comes of a click on the same item by the same user, with --live.",
    }),
  ),
};
