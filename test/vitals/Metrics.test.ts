import { expect, it } from "@effect/vitest";
import { metricsText } from "../../src/vitals/Metrics.ts";
import { makeVitals } from "../../src/vitals/Vitals.ts";

it("tells of dead letters what their store tells", () => {
  const lines = (letters: Parameters<typeof metricsText>[2]) =>
    metricsText(makeVitals(), undefined, letters)
      .split("\n")
      .filter((line) => line.startsWith("slipstream_dead_letters"));
  expect(lines({ count: 3, bytes: 1200, oldest: 1.5 })).toEqual([
    "slipstream_dead_letters 3",
    "slipstream_dead_letters_bytes 1200",
    "slipstream_dead_letters_oldest_timestamp_seconds 1.5",
  ]);
  expect(lines({ count: 0, bytes: undefined, oldest: undefined })).toEqual(["slipstream_dead_letters 0"]);
  expect(lines(undefined)).toEqual([]);
});
