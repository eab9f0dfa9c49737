/**
 * Times the answers to many users at once: `npm run bench -- many --data FOLDER --users 20000 --k 10 [--worded] [--processes 1]`, embedded, in
 * this process and, by turns, with so many others beside it (BATCH_PROCESSES), over a shop that `generate` and `batch` made in FOLDER. Prints
 * users per second of wall and of this process's CPU time, with the answers as bytes of lines of JSON, as they go over HTTP.
 */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { ConfigProvider, Effect, Layer, Logger, Stream } from "effect";
import * as Live from "../../layers/Live.ts";
import * as Answerers from "../../layers/Processes/Answerers.ts";
import * as Sql from "../../layers/Sql/DuckDb.ts";
import * as Tables from "../../layers/Tables/Local.ts";
import { programs } from "../../src/http/Server.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { Beside } from "../../src/serving/beside/Beside.ts";
import { Many, together } from "../../src/serving/recommend/Many.ts";
import { lineText } from "../../src/serving/recommend/ManyText.ts";
import { noFilters, type RecommendQuery } from "../../src/serving/recommend/Query.ts";
import { makeTextBytes } from "../../src/serving/recommend/TextBytes.ts";
import { type Serving, ServingModel } from "../../src/serving/ServingModel.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string", default: "data" },
    users: { type: "string", default: "20000" },
    k: { type: "string", default: "10" },
    worded: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    processes: { type: "string", default: "0" },
  },
});
const [count, k, processes] = [Number(values.users), Number(values.k), Number(values.processes)];

const environment = new Map([
  ...Object.entries(process.env).map(([name, text]) => [name, text ?? ""] as const),
  ["DATA_DIR", values.data] as const,
]);
const settings = (beside: number) =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map([...environment, ["BATCH_PROCESSES", String(beside)]])));

/** Answers all, and prints how quickly. */
const round = (serving: Serving | undefined, queries: ReadonlyArray<RecommendQuery>, name: string) =>
  Effect.gen(function* () {
    const { answers } = yield* Many;
    const { atOnce, batch } = yield* Beside;
    const answerPart = batch();
    let bytes = 0;
    const [begun, cpu] = [performance.now(), process.cpuUsage()];
    yield* Stream.range(0, Math.ceil(queries.length / together) - 1).pipe(
      Stream.mapEffect(
        (part) => {
          const from = part * together;
          const asked = queries.slice(from, from + together);
          const here = Effect.suspend(() => {
            const { add, take } = makeTextBytes();
            return answers(serving, asked, (answer, place) =>
              add(`${lineText(from + place + 1, answer, values.worded)}\n`),
            ).pipe(Effect.map(take));
          });
          const numbers = asked.map((_, place) => from + place + 1);
          return answerPart({ serving, queries: asked, lines: numbers, isWorded: values.worded }, here);
        },
        { concurrency: atOnce },
      ),
      Stream.runForEach((text) =>
        Effect.sync(() => {
          bytes += text.length;
        }),
      ),
    );
    const seconds = (performance.now() - begun) / 1000;
    const { system, user } = process.cpuUsage(cpu);
    console.log(
      `  ${name} ${(queries.length / seconds).toFixed(0).padStart(7)} users/s, ` +
        `${((user + system) / queries.length).toFixed(0)} µs of CPU each here, ${(bytes / queries.length).toFixed(0)} bytes each`,
    );
  });

/** Resident memory of the processes of this group but this one, where /proc tells it. */
const memoryOf = (pid: number): string => {
  try {
    return /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";
  } catch {
    return "";
  }
};

const childrenOf = (pid: number): ReadonlyArray<number> => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
};

const program = Effect.gen(function* () {
  const states = yield* UserStates;
  const { changes, current } = yield* ServingModel;
  yield* Stream.runDrain(Stream.takeUntil(changes, (serving) => serving !== undefined));
  const serving = yield* current;
  const indices = Array.from({ length: count }, (_, i) => i);
  const ids = yield* states.userIdsOf(serving?.model ?? "", indices);
  const queries = ids.flatMap((user) => (user === undefined ? [] : [{ ...noFilters, user, k }]));
  console.log(
    `${serving?.catalogue.size()} items, ${queries.length} users, best ${k}; Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model}`,
  );
  const alone = yield* Layer.build(Layer.fresh(Layer.provide(Beside.layer, settings(0))));
  const beside = yield* Layer.build(Layer.fresh(Layer.provide(Beside.layer, settings(processes))));
  if (processes > 0) {
    yield* Effect.provide(round(serving, queries, "warm    "), beside);
    const { ready } = yield* Effect.provide(Beside, beside);
    while (ready() < processes) yield* Effect.sleep("20 millis");
    for (const pid of childrenOf(process.pid))
      console.log(`  a process beside, before it answers: ${memoryOf(pid)} kB`);
  }
  for (let turn = 0; turn < Number(values.rounds); turn++) {
    yield* Effect.provide(round(serving, queries, "alone   "), alone);
    if (processes > 0) yield* Effect.provide(round(serving, queries, `${processes} beside`), beside);
  }
  for (const pid of childrenOf(process.pid)) console.log(`  a process beside: ${memoryOf(pid)} kB`);
  console.log(`  this process: ${memoryOf(process.pid)} kB`);
});

await program.pipe(
  Effect.scoped,
  Effect.provide(
    Layer.provideMerge(
      programs,
      Layer.mergeAll(
        Live.stores,
        Live.storeFile,
        Tables.layer,
        Sql.layer,
        Answerers.layer(() => environment),
      ),
    ),
  ),
  Effect.provide(Logger.remove(Logger.defaultLogger)),
  Effect.provide(settings(processes)),
  Effect.runPromise,
);
