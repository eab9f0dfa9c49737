/** EventLogErrors: the store's errors in the event log's words. */
import { EventLogError } from "../../../src/ports/EventLog.ts";
import type { StoreError } from "../../engines/lmdb/StoreError.ts";

export const unavailable =
  (operation: string) =>
  (error: StoreError): EventLogError =>
    new EventLogError({
      reason: error.reason === "Corrupt" ? "Corrupt" : "Unavailable",
      operation,
      message: error.message,
      cause: error,
    });

export const released = (operation: string, group: string, partition: number, epoch: number): EventLogError =>
  new EventLogError({
    reason: "Released",
    operation,
    message: `Epoch ${epoch} of group ${group} no longer owns partition ${partition}`,
  });
