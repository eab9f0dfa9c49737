/** Settings: what the engine may take. */
import { integer } from "../../src/config/Setting.ts";

export const sql = {
  threads: integer("SQL_THREADS", {
    default: 0,
    min: 0,
    max: 256,
    description: "Threads that read files and aggregate tables; 0 takes one per core.",
  }),
  memory: integer("SQL_MEMORY_MIB", {
    default: 2048,
    min: 128,
    description: "Memory that reading and aggregating may take, in MiB; what is more is spilled to DATA_DIR/spill.",
  }),
};
