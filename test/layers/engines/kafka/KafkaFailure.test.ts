import { inspect } from "node:util";
import { expect, it } from "@effect/vitest";
import { failure, toEventLogError } from "../../../../layers/engines/kafka/KafkaFailure.ts";
import { conceal } from "../../../../src/config/Secrets.ts";

it("names the kind and the reason, and neither user nor password", () => {
  const foreign = Object.assign(new Error("SCRAM for ann with hunter2 failed"), {
    type: "SASL_AUTHENTICATION_FAILED",
    request: { username: "ann", password: "hunter2" },
  });
  const failed = failure("connect", conceal(["ann", "hunter2"]))(foreign);
  expect(failed).toMatchObject({ kind: "refused", message: "SCRAM for *** with *** failed" });
  const told = toEventLogError(failed);
  expect(told.message).toBe("Kafka: SCRAM for *** with *** failed");
  expect(inspect([failed, told], { depth: 20 })).not.toMatch(/\bann\b|hunter2/);
});
