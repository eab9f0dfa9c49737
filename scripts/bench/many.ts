/**
 * Times the answers to many users at once: `npm run bench -- many --data FOLDER --users 20000 --k 10 [--worded]`, embedded, in this process, over a
 * shop that `generate` and `batch` made in FOLDER. Prints users per second of wall and of CPU time, with the answers as lines of JSON.
 */
import { parseArgs } from "node:util";
import { ConfigProvider, Effect, Layer, Logger, Stream } from "effect";
import * as Live from "../../layers/Live.ts";
import * as Sql from "../../layers/Sql/DuckDb.ts";
import * as Tables from "../../layers/Tables/Local.ts";
import { programs } from "../../src/http/Server.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { Many } from "../../src/serving/recommend/Many.ts";
import { lineText } from "../../src/serving/recommend/ManyText.ts";
import { noFilters } from "../../src/serving/recommend/Query.ts";
import { ServingModel } from "../../src/serving/ServingModel.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string", default: "data" },
    users: { type: "string", default: "20000" },
    k: { type: "string", default: "10" },
    worded: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
  },
});
const [count, k] = [Number(values.users), Number(values.k)];

const program = Effect.gen(function* () {
  const many = yield* Many;
  const states = yield* UserStates;
  const { changes, current } = yield* ServingModel;
  yield* Stream.runDrain(Stream.takeUntil(changes, (serving) => serving !== undefined));
  const serving = yield* current;
  const indices = Array.from({ length: count }, (_, i) => i);
  const ids = yield* states.userIdsOf(serving?.model ?? "", indices);
  const queries = ids.flatMap((user) => (user === undefined ? [] : [{ ...noFilters, user, k }]));
  console.log(`${serving?.catalogue.size()} items, ${queries.length} users, best ${k}`);
  for (let round = 0; round < Number(values.rounds); round++) {
    let bytes = 0;
    let personal = 0;
    const [begun, cpu] = [performance.now(), process.cpuUsage()];
    yield* many.answers(serving, queries, (answer, place) => {
      if (answer.source === "personalized") personal++;
      bytes += Buffer.byteLength(lineText(place + 1, answer, values.worded));
    });
    const seconds = (performance.now() - begun) / 1000;
    const { system, user } = process.cpuUsage(cpu);
    const each = (user + system) / queries.length;
    console.log(
      `  ${(queries.length / seconds).toFixed(0).padStart(7)} users/s, ${each.toFixed(0)} µs of CPU each; ` +
        `${personal} personalized, ${(bytes / queries.length).toFixed(0)} bytes each`,
    );
  }
});

await program.pipe(
  Effect.provide(Layer.provideMerge(programs, Layer.mergeAll(Live.stores, Live.storeFile, Tables.layer, Sql.layer))),
  Effect.provide(Logger.remove(Logger.defaultLogger)),
  Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["DATA_DIR", values.data]]))),
  Effect.runPromise,
);
