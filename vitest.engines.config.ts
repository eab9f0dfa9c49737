import { defineConfig } from "vitest/config";
import { common } from "./vitest.config.ts";

/**
 * The contract suites against real servers and third-party readers, for which `.ci/run` installs what they need; whole
 * processes, and whatever else takes long.
 */
export default defineConfig({
  test: {
    ...common,
    include: ["test/{engines,e2e}/**/*.test.ts"],
    testTimeout: 300_000,
    fileParallelism: false,
  },
});
