/** Settings: how a question about the tables is answered. */
import { choice, flagged } from "../config/Setting.ts";

export const question = {
  format: flagged(
    "format",
    choice("SQL_FORMAT", ["table", "csv", "json"], { default: "table", description: "How `sql` prints its answer." }),
  ),
};
