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

it("tells how long requests took, by what was asked, in cumulative buckets", () => {
  const vitals = makeVitals();
  for (const seconds of [0.0001, 0.0005, 0.0006, 0.2, 7]) vitals.measured.requests.events.update(seconds);
  const lines = metricsText(vitals, undefined, undefined)
    .split("\n")
    .filter((line) => line.includes("slipstream_http_request_duration_seconds"));
  expect(lines[1]).toBe("# TYPE slipstream_http_request_duration_seconds histogram");
  const value = (text: string) =>
    Number(
      lines
        .find((line) => line.includes(text))
        ?.split(" ")
        .at(-1),
    );
  expect(value('_bucket{asked="events",le="0.0005"}')).toBe(2);
  expect(value('_bucket{asked="events",le="0.1"}')).toBe(3);
  expect(value('_bucket{asked="events",le="2.5"}')).toBe(4);
  expect(value('_bucket{asked="events",le="+Inf"}')).toBe(5);
  expect(value('_count{asked="events"}')).toBe(5);
  expect(value('_sum{asked="events"}')).toBeCloseTo(7.2012);
  expect(lines.some((line) => line.includes("recommend"))).toBe(false);
});
