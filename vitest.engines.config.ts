import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** The contract suites against real servers and third-party readers; `.ci/run` installs what they need. */
export default defineConfig({
  test: {
    ...base.test,
    include: ["test/engines/**/*.test.ts"],
    exclude: [],
    testTimeout: 300_000,
    fileParallelism: false,
  },
});
