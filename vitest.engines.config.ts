import { defineConfig } from "vitest/config";
import { common } from "./vitest.config.ts";

/** What goes by the time that servers and processes take: with nothing of ours beside it. */
const alone = [
  "test/engines/{ArchiveRebalance,Crash,KafkaOutage,KafkaRebalance,SparkArchive,StoreCrash,CatalogueCrash,chaos,threads}.test.ts",
  "test/engines/*disk.test.ts",
];

/**
 * The contract suites against real servers and third-party readers, for which `.ci/run` installs what they need; whole
 * processes, and whatever else takes long. Much of it waits for servers to start, so two files are run at a time.
 */
export default defineConfig({
  test: {
    ...common,
    projects: [
      {
        extends: true,
        test: {
          name: "together",
          include: ["test/{engines,e2e}/**/*.test.ts"],
          exclude: alone,
          testTimeout: 300_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "alone",
          include: alone,
          testTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
