/** Settings: which users the embedded store keeps. */
import { duration, integer } from "../../src/config/Setting.ts";

export const userStates = {
  retention: duration("USER_STATE_RETENTION", {
    default: "400 days",
    max: "36500 days",
    description:
      "Who never bought anything is forgotten after this long without events, a day at least; 0 seconds keeps all. Embedded store; see REDIS_USER_TTL.",
  }),
  count: integer("USER_STATE_COUNT", {
    default: 2_000_000,
    min: 0,
    description:
      "Of more users whom events changed, per model, those who bought nothing and were not seen for longest are forgotten; 0: no limit. Embedded store.",
  }),
};
