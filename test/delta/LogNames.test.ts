import { describe, expect, it } from "@effect/vitest";
import { checkpointName, commitName, listing } from "../../src/delta/LogNames.ts";

describe("LogNames", () => {
  it("sorts commits and complete checkpoints out of a folder", () => {
    const part = (version: number, i: number, of: number) =>
      `${commitName(version).slice(0, 20)}.checkpoint.${String(i).padStart(10, "0")}.${String(of).padStart(10, "0")}.parquet`;
    const names = [
      commitName(11),
      commitName(2),
      checkpointName(10),
      part(20, 2, 2),
      part(20, 1, 2),
      part(30, 1, 3),
      part(30, 3, 3),
      "_last_checkpoint",
      ".00000000000000000002.json.crc",
      `.${commitName(3)}.tmp`,
      "00000000000000000040.checkpoint.2f0c.json",
    ];
    expect(listing(names)).toEqual({
      commits: [2, 11],
      checkpoints: [
        { version: 10, parts: [checkpointName(10)] },
        { version: 20, parts: [part(20, 1, 2), part(20, 2, 2)] },
      ],
    });
  });
});
