/** Settings: which model a command is about. */
import { flagged, text } from "../config/Setting.ts";

/** Of the command `batch load`. */
export const models = {
  load: flagged(
    "model",
    text("LOAD_MODEL", {
      default: "",
      description: "Id of the model that `batch load` loads, or its first characters; unset: the newest.",
    }),
  ),
};
