import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Whole processes, and whatever else takes long, are run with the engines.
    exclude: ["test/engines/**", "test/e2e/**"],
    globalSetup: ["test/globalSetup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    // Many tests wait for processes or disks: a second worker uses the time, also where there are but two cores.
    maxWorkers: 2,
    minWorkers: 1,
  },
});
