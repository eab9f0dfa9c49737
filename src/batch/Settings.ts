/** Settings: what a batch makes and keeps, and whether its model serves. */
import { boolean, flagged, integer, text } from "../config/Setting.ts";
import { popularDays, tableRetention } from "../config/Shared.ts";
import * as Times from "../config/Times.ts";
import { maxRejects } from "../intake/Settings.ts";
import { training } from "../training/Settings.ts";

export const batch = {
  maxRejects,
  ...training,
  popularDays,
  keepModels: integer("KEEP_MODELS", {
    default: 3,
    min: 1,
    description: "Models kept on disk; older ones that do not serve are deleted after a batch.",
  }),
  tableRetention,
};

/** Of the command `batch`. */
export const switching = {
  force: flagged(
    "force",
    boolean("BATCH_FORCE", {
      default: false,
      description:
        "Serve the new model also where it has less than half the users, items or events of the serving one.",
    }),
  ),
  unlessSince: flagged(
    "unless-since",
    text(
      "BATCH_UNLESS_SINCE",
      {
        default: "",
        description:
          "Do nothing where a model was made since this time: of several that are started at once, one learns.",
      },
      Times.moment,
    ),
  ),
  ifNew: flagged(
    "if-new",
    boolean("BATCH_IF_NEW", {
      default: false,
      description:
        "Do nothing where the newest model has learnt all rows there are, with the same settings. Learning again by itself is so.",
    }),
  ),
};
