import { defineConfig, type ViteUserConfig } from "vitest/config";

/** What all suites have in common. */
export const common: NonNullable<ViteUserConfig["test"]> = {
  globalSetup: ["test/globalSetup.ts"],
  testTimeout: 30_000,
  hookTimeout: 300_000,
  // What is waited for comes when it can: a second is little beside another suite.
  expect: { poll: { timeout: 15_000 } },
  pool: "forks",
  // Many tests wait for processes or disks: a second worker uses the time, also where there are but two cores.
  maxWorkers: 2,
  minWorkers: 1,
  poolOptions: { threads: { isolate: false, minThreads: 1, maxThreads: 2 } },
  // Effect is a thousand modules, which take longer to load than most files to run: bundled once per install, below node_modules.
  deps: {
    optimizer: {
      ssr: {
        enabled: true,
        include: [
          "effect",
          "@effect/platform",
          "@effect/platform/Error",
          "@effect/platform-node/NodeContext",
          "@effect/platform-node/NodeHttpServer",
          "@effect/vitest",
          "fast-check",
        ],
        exclude: ["mime", "msgpackr", "undici", "ws"],
        esbuildOptions: { legalComments: "none", minifyWhitespace: true, sourcemap: false },
      },
    },
  },
};

/**
 * Tests of functions, and of programs over ports in memory: no store's engine, no process, nothing that lasts beyond a test. They
 * share the threads they run in, and so what they import.
 */
const sharing = [
  "test/cli/{Commands,Failure,Guides,Help,Settings,Words}.test.ts",
  "test/{config,console,deadletters,delta,domain,http,kernels,learning,ports,retraining,serving,simulation,steps,stream,training,vitals}/**/*.test.ts",
  "test/evaluation/!(Evaluate).test.ts",
  "test/layers/{EventLog/kafka,Http,Progress,Tables,engines/kafka}/**/*.test.ts",
];

export default defineConfig({
  test: {
    ...common,
    projects: [
      {
        extends: true,
        test: {
          name: "sharing",
          include: sharing,
          pool: "threads",
          setupFiles: ["test/setup.ts"],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "alone",
          include: ["test/**/*.test.ts"],
          // Whole processes, and whatever else takes long, are run with the engines.
          exclude: ["test/engines/**", "test/e2e/**", ...sharing],
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
