/** Settings: which dead letters a command is about. */
import { boolean, choice, flagged, integer } from "../config/Setting.ts";
import { DeadLetterReason } from "../ports/DeadLetters.ts";

/** Of the command `dead-letters`. */
export const letters = {
  reason: flagged(
    "reason",
    choice("DEAD_LETTERS_REASON", ["any", ...DeadLetterReason.literals], {
      default: "any",
      description: "Only events that were given up for this reason.",
    }),
  ),
  limit: flagged(
    "limit",
    integer("DEAD_LETTERS_LIMIT", {
      default: 20,
      min: 1,
      max: 1_000_000,
      description: "How many events `dead-letters list` shows, the newest ones.",
    }),
  ),
  all: flagged(
    "all",
    boolean("DEAD_LETTERS_ALL", {
      default: false,
      description: "`replay`: also what still cannot be used. `drop`: also what was not replayed.",
    }),
  ),
};
