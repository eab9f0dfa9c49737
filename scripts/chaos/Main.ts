/**
 * `npm run chaos -- --seed 7 --minutes 2 --rate 200`: faults under load against real Kafka and Redis, then the proof.
 *
 * Prints the faults as they strike, then what was injected and what held. Fails when anything did not hold, and keeps the
 * folder with the logs of all processes. The seed decides events and faults; times are the machine's.
 */
import { parseArgs } from "node:util";
import { NodeRuntime } from "@effect/platform-node";
import { Cause, Console, Effect, Exit, Logger, LogLevel } from "effect";
import { describeFailure } from "../../src/cli/Failure.ts";
import { chaos, type Outcome } from "./Chaos.ts";
import { ChaosError } from "./Scene.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
    minutes: { type: "string", default: "2" },
    rate: { type: "string", default: "200" },
    memory: { type: "string", default: "512" },
  },
});

const positive = (name: keyof typeof values): Effect.Effect<number, ChaosError> => {
  const value = Number(values[name]);
  return value > 0 && Number.isFinite(value)
    ? Effect.succeed(value)
    : Effect.fail(new ChaosError({ message: `--${name} is ${values[name]}; a number above 0 is wanted` }));
};

const aligned = (rows: ReadonlyArray<readonly [string, string | number, string?]>): string => {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map((row) => `  ${row[0].padEnd(width)}  ${row.slice(1).join("  ")}`.trimEnd()).join("\n");
};

const report = ({ facts, faults, folder, invariants }: Outcome, again: string): string => {
  const total = [...faults.values()].reduce((sum, n) => sum + n, 0);
  const broken = invariants.filter(({ broken }) => broken.length > 0);
  return [
    `\nfaults injected: ${total}`,
    aligned([...faults].sort(([a], [b]) => (a < b ? -1 : 1))),
    "\nfacts",
    aligned(Object.entries(facts)),
    "\ninvariants",
    aligned(
      invariants.map(({ broken, checked, name }) => [
        `${broken.length === 0 ? "held  " : "BROKEN"}  ${name}`,
        `${checked} checked`,
      ]),
    ),
    ...broken.flatMap(({ broken, name }) => [`\n${name}:`, ...broken.map((line) => `  ${line}`)]),
    broken.length === 0 ? `\nall ${invariants.length} invariants held` : `\nkept for a look: ${folder}`,
    `again: ${again}`,
  ].join("\n");
};

const program = Effect.gen(function* () {
  const [seed, minutes, rate, memory] = yield* Effect.all([
    positive("seed"),
    positive("minutes"),
    positive("rate"),
    positive("memory"),
  ]);
  const again = `npm run chaos -- --seed ${seed} --minutes ${minutes} --rate ${rate}`;
  yield* Console.log(again);
  const outcome = yield* chaos({ seed, minutes, rate, memoryBound: memory * 2 ** 20 }, Console.log);
  yield* Console.log(report(outcome, again));
  if (outcome.invariants.some(({ broken }) => broken.length > 0)) {
    return yield* new ChaosError({ message: "not every invariant held" });
  }
});

program.pipe(
  Logger.withMinimumLogLevel(LogLevel.Error),
  Effect.tapErrorCause((cause) =>
    Cause.isInterruptedOnly(cause) ? Effect.void : Console.error(describeFailure(cause)),
  ),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    teardown: (exit, end) => end(Exit.isSuccess(exit) ? 0 : Exit.isInterrupted(exit) ? 130 : 1),
  }),
);
