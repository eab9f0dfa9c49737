/** Settings: which dead letters are kept, in the embedded store and in Kafka. */
import { duration, integer } from "../../src/config/Setting.ts";

export const deadLetters = {
  retention: duration("DEAD_LETTER_RETENTION", {
    default: "90 days",
    description: "Dead letters older than this are deleted; 0 seconds keeps all. Of a topic: when it is created.",
  }),
  maxBytes: integer("DEAD_LETTER_MAX_BYTES", {
    default: 100 * 1024 * 1024,
    min: 0,
    description: "Of more bytes of dead letters the oldest are deleted; 0: no limit. Of a topic: when it is created.",
  }),
};
