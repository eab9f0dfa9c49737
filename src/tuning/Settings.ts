/** Settings: how long is searched for better settings, and what is done with those that were found. */
import { boolean, flagged, integer, number } from "../config/Setting.ts";

export const tuning = {
  minutes: flagged(
    "minutes",
    number("TUNE_MINUTES", {
      default: 10,
      min: 0.01,
      max: 100_000,
      description:
        "How long all of it takes but for reading the tables: the search, and the comparison on the newest days. A search that is run again goes on.",
    }),
  ),
  seed: flagged(
    "seed",
    integer("TUNE_SEED", {
      default: 42,
      min: 0,
      max: 4_294_967_295,
      description: "Seed of the settings that are tried. Another one begins another search.",
    }),
  ),
  show: flagged(
    "show",
    boolean("TUNE_SHOW", { default: false, description: "Print what is tuned, and what it is worth; search nothing." }),
  ),
  forget: flagged(
    "forget",
    boolean("TUNE_FORGET", {
      default: false,
      description: "Remove what is tuned and all trials: the next batch goes by the defaults.",
    }),
  ),
};
