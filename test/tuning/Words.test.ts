import { expect, it } from "@effect/vitest";
import { trialsKept } from "../../src/tuning/Words.ts";

it("counts trials in words", () => {
  expect([0, 1, 2, 1200].map(trialsKept)).toEqual([
    "0 trials are kept",
    "1 trial is kept",
    "2 trials are kept",
    "1,200 trials are kept",
  ]);
});
