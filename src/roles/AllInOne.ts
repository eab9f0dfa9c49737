/**
 * AllInOne: everything in one process: the API at once, a model as soon as there is one, updater and archiver beside.
 *
 * A first start makes what is missing: a sample shop, up to yesterday, where there is no data, and a model where none serves.
 * A later one leaves both as they are, and one after an interruption goes on from what is complete. Stopped by interruption: the
 * API takes no more and finishes its requests, then updater and archiver drain: what was accepted is applied and archived. A batch
 * that was run by itself is stopped first.
 */
import { HttpServer } from "@effect/platform";
import { Clock, Console, Deferred, Effect, Exit, Fiber, Layer, Option, Schedule } from "effect";
import { hasData } from "../batch/CsvFiles.ts";
import { runBatch } from "../batch/Pipeline.ts";
import * as Adopt from "../catalogue/Adopt.ts";
import { archiveEngine } from "../config/Shared.ts";
import { announce, reachedAt } from "../http/Address.ts";
import * as Server from "../http/Server.ts";
import { Keys } from "../keys/Keys.ts";
import { runUpdaters } from "../models/Updaters.ts";
import { useModel } from "../models/Use.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { inTurn } from "../ports/Turns.ts";
import { runRetrainingConfigured } from "../retraining/Retraining.ts";
import { Recommend } from "../serving/recommend/Recommend.ts";
import { ServingModel } from "../serving/ServingModel.ts";
import { byTakenTypes } from "../serving/TakenTypes.ts";
import { type Example, tryThis } from "../serving/TryThis.ts";
import { generateUntilYesterday } from "../simulation/GenerateConfigured.ts";
import { Simulation } from "../simulation/Simulation.ts";
import { Vitals } from "../vitals/Vitals.ts";
import { patiently } from "../vitals/Waiting.ts";
import { runArchiver } from "./Archive.ts";
import { lastFetch } from "./LastFetch.ts";

const registryState = Effect.gen(function* () {
  const registry = yield* ModelRegistry;
  const waiting = (yield* Vitals).waiting("all-in-one");
  return yield* patiently(waiting, "registry", () => true, registry.state);
});

/** Makes the first model and what it is made of, unless another process has done so meanwhile. */
const makeMissing = Effect.gen(function* () {
  const { models, serving } = yield* registryState;
  if (Option.isSome(serving)) return;
  const live = models.filter(({ status }) => status === "live").at(-1);
  if (live !== undefined) return yield* Effect.asVoid(useModel(live.id));
  if (!(yield* hasData)) {
    yield* Effect.logInfo(
      "there is no data yet: making a sample shop (for your own, see `node dist/main.js import --help`)",
    );
    yield* generateUntilYesterday;
  }
  yield* runBatch();
}).pipe(inTurn("making the first model"));

/** Sees to it that a model serves. */
const ensureModel = Effect.flatMap(registryState, ({ serving }) =>
  Option.isSome(serving) ? Effect.void : makeMissing,
);

const withKey = `
Callers need a key (\`keys add NAME\` makes one): add -H 'authorization: Bearer KEY' to each line.
`;

const welcome = (url: string, example: Example | undefined, purchase: string | undefined, keyed: boolean): string => `
Slipstream is ready. Three lines to try:

${tryThis(url, example, purchase)}
${keyed ? withKey : ""}
API: ${url}/docs   Stop: Ctrl-C
To look at, in a browser: ${url}/console
`;

/** Tells what to try, with a user and an item that exist. */
const greet = Effect.gen(function* () {
  const { example } = yield* Recommend;
  const servingModel = yield* ServingModel;
  const { needed } = yield* Keys;
  yield* Effect.repeat(servingModel.current, {
    until: (serving) => serving !== undefined,
    schedule: Schedule.spaced("20 millis"),
  });
  const { address } = yield* HttpServer.HttpServer;
  const usualFor = yield* byTakenTypes(({ names, usual }) => names[usual] ?? "");
  const type = usualFor(yield* servingModel.current);
  yield* Console.log(welcome(reachedAt(address), yield* example, type, needed()));
});

/** Runs until interrupted, or until a part gives up. */
export const runAllInOne = Effect.gen(function* () {
  const listening = yield* Deferred.make<void>();
  // Forked before the API is built, so that it ends after it, once the archiver has fetched what was accepted last.
  const stream = yield* Deferred.await(listening).pipe(
    Effect.zipRight(Effect.all([runUpdaters, runArchiver], { concurrency: "unbounded", discard: true })),
    Effect.forkScoped,
  );
  let begun = 0;
  // Spark holds nothing that it would write: what the log has is left to the next start.
  const fetches = (yield* archiveEngine.config) === "built-in";
  yield* Effect.addFinalizer((exit) => (fetches && Exit.isInterrupted(exit) ? lastFetch(begun) : Effect.void));
  const api = yield* Layer.build(
    Server.layer.pipe(
      Layer.tap(() => announce),
      Layer.provide([Adopt.layer, Simulation.layer]),
    ),
  );
  begun = yield* Clock.currentTimeMillis;
  yield* Deferred.succeed(listening, undefined);
  const model = ensureModel.pipe(Effect.zipRight(greet), Effect.zipRight(runRetrainingConfigured), Effect.provide(api));
  return yield* Effect.raceFirst(Fiber.join(stream), model);
}).pipe(Effect.scoped);
