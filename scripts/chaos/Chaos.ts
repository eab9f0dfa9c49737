/**
 * Chaos: real Kafka, real Redis, three updaters and two archivers under traffic and faults; then silence, and the proof.
 *
 * Redis flushes each write before it answers here (appendfsync always), so that what it acknowledged outlives SIGKILL.
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Clock, ConfigProvider, Effect, Fiber, Layer, Option } from "effect";
import * as Live from "../../layers/Live.ts";
import * as Tables from "../../layers/Tables/Local.ts";
import { defaultEventTypes } from "../../src/domain/EventTypes.ts";
import { emptyUserState } from "../../src/domain/UserState.ts";
import { makeEma } from "../../src/learning/Ema.ts";
import { formerHalfLife } from "../../src/learning/Trending.ts";
import { standing, updaterGroup } from "../../src/models/Standing.ts";
import { ItemIndex } from "../../src/ports/ItemIndex.ts";
import { ModelRegistry } from "../../src/ports/ModelRegistry.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { inject } from "./Inject.ts";
import { checkInvariants, type Invariant, lags } from "./Invariants.ts";
import { type FaultKind, makePlan } from "./Plan.ts";
import { readWholeLog, replay } from "./Reference.ts";
import { makeRoles } from "./Roles.ts";
import { ChaosError, makeScene, sessionMillis } from "./Scene.ts";
import { makeTraffic, produce, type Told } from "./Traffic.ts";

export interface ChaosOptions {
  readonly seed: number;
  readonly minutes: number;
  /** Events per second. */
  readonly rate: number;
  /** Bytes that no role may exceed. */
  readonly memoryBound: number;
}

export interface Outcome {
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly invariants: ReadonlyArray<Invariant>;
  readonly facts: Readonly<Record<string, string | number>>;
  readonly folder: string;
}

const updaters = 3;
const archivers = 2;
/** Longest wait for the lag to be zero after the last fault. */
const calm = "3 minutes";

const servingModel = Effect.gen(function* () {
  const { models, serving } = yield* Effect.flatMap(ModelRegistry, ({ state }) => state);
  const model = models.find(({ id }) => id === Option.getOrUndefined(serving));
  return model ?? (yield* new ChaosError({ message: "the batch left no model that serves" }));
});

/** The loaded users' states before any event. */
const loadedStates = (model: string, users: number) =>
  Effect.gen(function* () {
    const states = yield* UserStates;
    const found = yield* states.userIdsOf(
      model,
      Array.from({ length: users }, (_, idx) => idx),
    );
    const ids = found.map((id) => id ?? "");
    const loaded = yield* states.read(model, ids);
    return new Map(ids.map((id, i) => [id, loaded[i] ?? emptyUserState]));
  });

const quiet = (model: string) =>
  lags(model).pipe(
    Effect.map(({ archivers, updaters }) => archivers === 0 && updaters === 0),
    Effect.orElseSucceed(() => false),
    Effect.delay("250 millis"),
    Effect.repeat({ until: (zero) => zero }),
    Effect.timeoutOption(calm),
    Effect.map(Option.isSome),
  );

const totals = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([name, n]) => `${n} ${name}`).join(", ");

/** Keeps the folder where something failed or did not hold; an interruption keeps nothing. */
export const chaos = (options: ChaosOptions, say: (line: string) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    let keep = true;
    const scene = yield* makeScene(() => keep);
    const onServers = Effect.provide(
      yield* Layer.build(Layer.merge(Live.stores, Tables.layer)).pipe(
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(scene.environment)))),
      ),
    );
    return yield* Effect.gen(function* () {
      const { memoryBound, minutes, rate, seed } = options;
      const model = yield* servingModel;
      const catalogue = yield* Effect.flatMap(ItemIndex, (items) => items.items(model.id));
      const initial = yield* loadedStates(model.id, model.users);
      const roles = yield* makeRoles(scene);
      const team = (kind: "updater" | "archiver", size: number) =>
        Effect.forEach(
          Array.from({ length: size }, (_, n) => `${kind}-${n + 1}`),
          (name) => Effect.tap(roles.make(kind, name), ({ start }) => start),
        );
      const updater = yield* team("updater", updaters);
      const archiver = yield* team("archiver", archivers);

      const told: Told = { events: [], positions: new Map(), retries: 0 };
      const traffic = makeTraffic({
        seed,
        customers: [...initial.keys()],
        itemIds: catalogue.metadata.map(({ article_id }) => article_id),
      });
      const began = yield* Clock.currentTimeMillis;
      const until = began + minutes * 60_000;
      const producer = yield* Effect.fork(produce(traffic, rate, until, told));
      const plan = makePlan(seed, minutes * 60_000, sessionMillis);
      const journal = join(scene.logs, "faults.log");
      const note = (line: string) =>
        Effect.zipRight(
          Effect.sync(() => appendFileSync(journal, `${line}\n`)),
          say(line),
        );
      const faults = yield* inject(plan, { broker: scene.broker, redis: scene.redis, updater, archiver, roles }, note);
      yield* Fiber.join(producer);
      const fired = yield* Clock.currentTimeMillis;
      yield* note("no more events and no more faults: waiting until all is applied");
      yield* quiet(model.id);
      const settled = yield* Clock.currentTimeMillis;
      yield* Effect.forEach([...updater, ...archiver], ({ stop }) => stop, { concurrency: "unbounded" });

      const log = yield* readWholeLog;
      const context = {
        items: catalogue,
        learner: makeEma(catalogue, { rate: 0.2 }),
        types: defaultEventTypes,
        debounceSeconds: 300,
        halfLife: model.halfLifeSeconds ?? formerHalfLife,
      };
      const { identity, start } = yield* standing(model);
      const reference = replay(identity, log, initial, start, context);
      const invariants = yield* checkInvariants({
        model: model.id,
        groups: [updaterGroup(model.id), "archiver"],
        log,
        told,
        reference,
        memory: roles.memory,
        memoryBound,
        surprises: roles.surprises,
        stops: roles.stops(),
      });
      const records = log.reduce((sum, { length }) => sum + length, 0);
      keep = invariants.some(({ broken }) => broken.length > 0);
      if (keep) {
        const lines = log.flatMap((list, partition) =>
          list.map(({ offset, value }) => `${partition} ${offset} ${new TextDecoder().decode(value)}`),
        );
        writeFileSync(join(scene.logs, "log.txt"), `${lines.join("\n")}\n`);
      }
      const outcome: Outcome = {
        faults,
        invariants,
        folder: scene.folder,
        facts: {
          "events sent": told.events.length,
          "events acknowledged": told.positions.size,
          "records in the log": records,
          "appended again after an outage": records - told.events.length,
          outcomes: totals(reference.outcomes),
          "largest memory": [...roles.memory]
            .map(([name, bytes]) => `${name} ${Math.round(bytes / 2 ** 20)} MiB`)
            .join(", "),
          "under fire": `${((fired - began) / 1000).toFixed(0)} s`,
          "until the lag was zero": `${((settled - fired) / 1000).toFixed(1)} s`,
        },
      };
      return outcome;
    }).pipe(
      onServers,
      Effect.onInterrupt(() =>
        Effect.sync(() => {
          keep = false;
        }),
      ),
    );
  }).pipe(Effect.scoped);
