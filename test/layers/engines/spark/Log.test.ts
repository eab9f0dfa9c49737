import { expect, it } from "@effect/vitest";
import { readReason } from "../../../../layers/engines/spark/Log.ts";

it("tells that Spark ended, also where its log is gone", () => {
  const said = "Spark's driver ended without a word";
  expect(readReason("/nowhere/spark.log")).toEqual({ kind: "Lost", said });
});
