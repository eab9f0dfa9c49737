/** Settings: how partitions are worked on, and when the archiver writes. */
import { duration, integer } from "../config/Setting.ts";
import { archiveEngine, drainTimeout } from "../config/Shared.ts";

export const runtime = {
  inbox: integer("INBOX_BATCHES", { default: 2, min: 1, max: 64, description: "Batches a partition's inbox holds." }),
  batchSize: integer("BATCH_SIZE", {
    default: 500,
    min: 1,
    max: 100_000,
    description: "Most events applied in one step.",
  }),
  drainTimeout,
  maxRestarts: integer("MAX_RESTARTS", {
    default: 8,
    min: 0,
    description: "Restarts of one partition within RESTART_WINDOW before the role fails.",
  }),
  restartWindow: duration("RESTART_WINDOW", {
    default: "5 minutes",
    min: "1 millis",
    description: "See MAX_RESTARTS.",
  }),
  stallTimeout: duration("STALL_TIMEOUT", {
    default: "2 minutes",
    min: "1 millis",
    description: "A partition with lag that does not move for this long is restarted.",
  }),
};

export const archive = {
  engine: archiveEngine,
  flushRows: integer("ARCHIVE_FLUSH_ROWS", {
    default: 50_000,
    min: 1,
    description: "Rows that make the archiver write a file.",
  }),
  flushBytes: integer("ARCHIVE_FLUSH_BYTES", {
    default: 32 * 1024 * 1024,
    min: 1,
    description: "Bytes of events that make the archiver write a file; Spark goes by rows and time alone.",
  }),
  flushAge: duration("ARCHIVE_FLUSH_AGE", {
    default: "30 seconds",
    min: "1 millis",
    description: "Longest time an event waits before it is in the archive.",
  }),
};
