/** Here: how many of the partitions that the model that serves follows are this process's, so that its figures are told for what they are. */
import type { LiveGroup } from "../../serving/live/LiveState.ts";

const elsewhere =
  "Each updater tells its own at /metrics on its HEALTH_PORT: slipstream_event_freshness_seconds and slipstream_batch_events.";

/** Undefined where nothing is applied elsewhere, or no model serves. */
export const aboutFigures = (groups: ReadonlyArray<LiveGroup>): string | undefined => {
  const partitions = groups.find(({ serves }) => serves)?.partitions ?? [];
  const here = partitions.filter(({ state }) => state !== "elsewhere").length;
  if (here === partitions.length) return undefined;
  return here === 0
    ? `Freshness and sizes of batches are not told here: this process applies no events. ${elsewhere}`
    : `Freshness and sizes of batches are of the ${here} of ${partitions.length} partitions that this process applies. ${elsewhere}`;
};
