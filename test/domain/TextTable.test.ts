import { expect, it } from "vitest";
import { withSign } from "../../src/domain/TextTable.ts";

it.each([
  [-0.04, "0.0", "+0.0"],
  [-0.05, "0.1", "−0.1"],
  [0, "0.0000", "+0.0000"],
  [2, "2.0", "+2.0"],
])("%d, read as %s, has its sign: %s", (value, text, expected) => {
  expect(withSign(value, text)).toBe(expected);
});
