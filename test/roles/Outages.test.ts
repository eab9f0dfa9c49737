import { HttpApp } from "@effect/platform";
import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Fiber, Layer, Logger, LogLevel, Option, Stream } from "effect";
import type { Event } from "../../src/domain/Event.ts";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { noFollowers } from "../../src/domain/Followers.ts";
import type { Model } from "../../src/domain/Model.ts";
import { archiveAppId } from "../../src/domain/TableSchemas.ts";
import { page } from "../../src/http/HealthPage.ts";
import { runUpdaters } from "../../src/models/Updaters.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { EventLog, EventLogError } from "../../src/ports/EventLog.ts";
import { ItemIndex, ItemIndexError, type ItemIndexService, type ModelItems } from "../../src/ports/ItemIndex.ts";
import { ModelRegistry, ModelRegistryError, type ModelRegistryService } from "../../src/ports/ModelRegistry.ts";
import { TableError, Tables } from "../../src/ports/Tables.ts";
import { UserStates, UserStatesError } from "../../src/ports/UserStates.ts";
import { runArchiver } from "../../src/roles/Archive.ts";
import * as RoleProbes from "../../src/roles/Probes.ts";
import type { Probes } from "../../src/vitals/Check.ts";
import { makeVitals, Vitals } from "../../src/vitals/Vitals.ts";
import { awayWhen } from "../support/Away.ts";
import { makeMemoryCatalogue } from "../support/MemoryCatalogue.ts";
import { Faults, MemoryLetters, MemoryStates, MemoryTable } from "../support/MemoryStores.ts";
import { ScriptedLog } from "../support/ScriptedLog.ts";
import { VirtualClock } from "../support/VirtualClock.ts";

const partitions = 4;
const rank = 8;

const catalogue: ModelItems = {
  rank,
  itemIdx: Uint32Array.of(0, 1),
  vectors: Float32Array.from({ length: 2 * rank }, (_, i) => Math.sin(i + 1)),
  metadata: [],
  available: Uint8Array.of(1, 1),
  isNew: new Uint8Array(2),
  buyers: new Uint32Array(2),
  followers: noFollowers(2),
  popularity: new Float32Array(2),
  rowOf: (id) => (id === "a0" ? 0 : id === "a1" ? 1 : undefined),
  rowOfIdx: (idx) => (idx < 2 ? idx : undefined),
};

const model: Model = {
  id: "m",
  createdAt: "2026-01-01T00:00:00.000Z",
  parameters: { rank, regularization: 0.01, alpha: 1, iterations: 1, seed: 1 },
  metrics: {},
  snapshot: { tables: {}, offsets: {} },
  users: 0,
  items: 2,
  status: "live",
};

const eventOf = (partition: number, n: number): Event => ({
  eventId: `${partition}-${n}`,
  userId: `user-${partition}-${n % 3}`,
  itemId: `a${n % 2}`,
  eventType: n % 2 === 0 ? "click" : "purchase",
  timestamp: 1_600_000_000 + n * 1000,
  quantity: 1,
});

/** A shop whose every store can be away. */
const makeStores = () => {
  const log = new ScriptedLog(partitions);
  const states = new MemoryStates(new Faults());
  const table = new MemoryTable(new Faults());
  const control = {
    log: { away: false },
    states: { away: false },
    index: { away: false, reason: "Unavailable" as ItemIndexError["reason"] },
    registry: { away: false },
    tables: { away: false, reason: "Full" as TableError["reason"] },
  };
  const registry: ModelRegistryService = {
    state: Effect.succeed({ models: [model], serving: Option.some(model.id) }),
    update: () => Effect.dieMessage("not used"),
    changes: Stream.concat(Stream.make({ models: [model], serving: Option.some(model.id) }), Stream.never),
  };
  const index: Partial<ItemIndexService> = { items: () => Effect.succeed(catalogue) };
  const refused = "connection refused";
  const layer = Layer.mergeAll(
    Layer.succeed(
      EventLog,
      awayWhen(
        log.service,
        control.log,
        () => new EventLogError({ reason: "Unavailable", operation: "any", message: refused }),
      ),
    ),
    Layer.succeed(
      UserStates,
      awayWhen(states.service, control.states, () => new UserStatesError({ operation: "read", message: refused })),
    ),
    Layer.succeed(
      ItemIndex,
      awayWhen(
        index as ItemIndexService,
        control.index,
        () => new ItemIndexError({ reason: control.index.reason, message: "answers 503" }),
      ),
    ),
    Layer.succeed(
      ModelRegistry,
      awayWhen(registry, control.registry, () => new ModelRegistryError({ operation: "state", message: refused })),
    ),
    Layer.succeed(
      Tables,
      awayWhen(
        table.service,
        control.tables,
        () => new TableError({ reason: control.tables.reason, table: "t", message: "no space" }),
      ),
    ),
    Layer.succeed(DeadLetters, new MemoryLetters().service),
    Layer.unwrapEffect(Effect.map(makeMemoryCatalogue, ({ layer }) => layer)),
  );
  let events = 0;
  return {
    log,
    states,
    table,
    control,
    layer,
    /** Appends a few events to each partition. */
    append: () => {
      for (let p = 0; p < partitions; p++) {
        for (let n = 0; n < 5; n++) log.append(p, encodeEvent(eventOf(p, events + n)));
      }
      events += 5;
    },
    applied: () => log.records.every(({ length }, p) => states.positions.get(p) === BigInt(length)),
    archived: () =>
      log.records.every(({ length }, p) => table.transactions.get(archiveAppId("scripted", p)) === BigInt(length)),
  };
};
type Stores = ReturnType<typeof makeStores>;

interface Stage {
  /** Lines since the last call: those of warnings and above, and those that something is over. */
  readonly said: () => ReadonlyArray<string>;
  readonly ready: Effect.Effect<{ readonly status: number; readonly body: Record<string, unknown> }>;
  readonly metrics: Effect.Effect<string>;
  /** Lets virtual time pass until it holds, an hour at most. */
  readonly until: (holds: () => boolean) => Effect.Effect<void>;
  readonly pass: (seconds: number) => Effect.Effect<void>;
  /** Gives every partition to the role, once it has subscribed. */
  readonly own: Effect.Effect<void>;
}

/** Runs a role on the stores, on a clock that the test moves. */
const onStage = <R, E, RP>(
  name: string,
  stores: Stores,
  role: Effect.Effect<never, E, R>,
  probes: Probes<RP>,
  play: (stage: Stage) => Effect.Effect<void>,
) =>
  Effect.gen(function* () {
    const clock = new VirtualClock();
    const lines: Array<string> = [];
    const logger = Logger.make(({ logLevel, message }) => {
      const line = String(message);
      if (LogLevel.greaterThanEqual(logLevel, LogLevel.Warning) || line.includes("goes on")) lines.push(line);
    });
    const program = Effect.gen(function* () {
      const handle = HttpApp.toWebHandlerRuntime(yield* Effect.runtime<RP | EventLog>())(page(name, probes));
      const fiber = yield* Effect.forkDaemon(Effect.withClock(role, clock.clock));
      const ask = (path: string) => Effect.promise(() => handle(new Request(`http://role${path}`)));
      const pass = (seconds: number) => Effect.repeatN(clock.step(50), seconds * 20);
      const until = (holds: () => boolean) =>
        Effect.gen(function* () {
          for (let s = 0; s < 3600 && !holds(); s++) {
            expect(fiber.unsafePoll(), "the role goes on").toBeNull();
            yield* pass(1);
          }
          expect(holds(), "it came to pass").toBe(true);
        });
      yield* play({
        said: () => lines.splice(0),
        ready: Effect.flatMap(ask("/health/ready"), (response) =>
          Effect.promise(async () => ({ status: response.status, body: JSON.parse(await response.text()) })),
        ),
        metrics: Effect.flatMap(ask("/metrics"), (response) => Effect.promise(() => response.text())),
        until,
        pass,
        own: Effect.zipRight(
          until(() => stores.log.members.length > 0),
          Effect.suspend(() =>
            Effect.forEach(
              Array.from({ length: partitions }).keys(),
              (p) => stores.log.assign(stores.log.members[0], p),
              {
                discard: true,
              },
            ),
          ),
        ),
      });
      const closing = yield* Effect.fork(Fiber.interrupt(fiber));
      while ((yield* Fiber.poll(closing))._tag === "None") yield* clock.step(50);
    });
    yield* program.pipe(
      Effect.provide(stores.layer as unknown as Layer.Layer<R | RP | EventLog>),
      Effect.provideService(Vitals, makeVitals()),
      Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["BATCH_SIZE", "2"]]))),
    );
  });

const updater = (stores: Stores, play: (stage: Stage) => Effect.Effect<void>) =>
  onStage("updater", stores, runUpdaters, RoleProbes.models, play);

const archiver = (stores: Stores, play: (stage: Stage) => Effect.Effect<void>) =>
  onStage("archiver", stores, runArchiver, RoleProbes.archiver, play);

/** What the states are when nothing was ever away. */
const undisturbed = Effect.gen(function* () {
  const stores = makeStores();
  stores.append();
  stores.append();
  yield* updater(stores, ({ own, until }) => Effect.zipRight(own, until(stores.applied)));
  return stores.states.users;
});

describe("an outage is waited out, told once when it begins and once when it ends, and nothing is lost", () => {
  it.effect("updater: user states away for a minute under load", () =>
    Effect.gen(function* () {
      const stores = makeStores();
      yield* updater(stores, (stage) =>
        Effect.gen(function* () {
          yield* stage.own;
          stores.append();
          yield* stage.until(stores.applied);
          const before = yield* stage.ready;
          expect(before.status, JSON.stringify(before.body)).toBe(200);
          expect(before.body).toMatchObject({ status: "ready", role: "updater" });
          expect(stage.said()).toEqual([]);

          stores.control.states.away = true;
          stores.append();
          yield* stage.pass(60);
          expect(stage.said()).toEqual(["updater waits, user states away: connection refused"]);
          const during = yield* stage.ready;
          expect(during.status).toBe(503);
          expect(during.body).toMatchObject({
            detail: expect.stringContaining("down: user_states; waiting for: user states; partitions that do not run"),
            checks: { user_states: { status: "down", detail: "connection refused" }, event_log: { status: "up" } },
            groups: [
              {
                model: "m",
                lag: 5 * partitions,
                partitions: Array.from({ length: partitions }, (_, partition) => ({
                  partition,
                  state: "waiting",
                  reason: "connection refused",
                  lag: 5,
                })),
              },
            ],
          });
          expect(yield* stage.metrics).toContain('slipstream_partition_running{group="updater-m",partition="0"} 0');

          stores.control.states.away = false;
          yield* stage.until(stores.applied);
          yield* stage.pass(10);
          expect(stage.said()).toEqual([expect.stringMatching(/^updater goes on: user states back after 1m/)]);
          const after = yield* stage.ready;
          expect(after.status, JSON.stringify(after.body)).toBe(200);
          expect(after.body).toMatchObject({
            groups: [{ lag: 0, restarts: 0, outcomes: { applied: 10 * partitions } }],
          });
          const text = yield* stage.metrics;
          expect(text).toContain(`slipstream_events_total{model="m",outcome="applied"} ${10 * partitions}`);
          expect(text).toContain('slipstream_partition_lag{group="updater-m",partition="3"} 0');
        }),
      );
      expect(stores.states.users).toEqual(yield* undisturbed);
    }),
  );

  it.effect("updater: back without a single event to prove it by", () =>
    Effect.gen(function* () {
      const stores = makeStores();
      stores.control.states.away = true;
      yield* updater(stores, (stage) =>
        Effect.gen(function* () {
          yield* stage.own;
          yield* stage.pass(120);
          expect(stage.said()).toEqual(["updater waits, user states away: connection refused"]);
          stores.control.states.away = false;
          yield* stage.pass(20);
          expect(stage.said()).toEqual([expect.stringContaining("updater goes on: user states back")]);
          expect((yield* stage.ready).status).toBe(200);
        }),
      );
    }),
  );

  it.effect.each(["Unavailable", "Corrupt"] as const)(
    "updater: registry, item vectors (%s) and log away at its start, one after the other",
    (reason) =>
      Effect.gen(function* () {
        const stores = makeStores();
        stores.control.index.reason = reason;
        const { control } = stores;
        control.registry.away = true;
        control.index.away = true;
        control.log.away = true;
        yield* updater(stores, (stage) =>
          Effect.gen(function* () {
            const steps = [
              [control.registry, "model registry", "connection refused"],
              [control.index, "item vectors", "answers 503"],
              [control.log, "event log", "connection refused"],
            ] as const;
            yield* stage.pass(60);
            expect(stage.said()).toEqual(["updater waits, model registry away: connection refused"]);
            for (const [at, [one, store, reason]] of steps.entries()) {
              yield* stage.pass(60);
              expect(stage.said(), "told already").toEqual([]);
              const { body, status } = yield* stage.ready;
              expect([status, body.waiting]).toEqual([503, [{ store, reason }]]);
              one.away = false;
              yield* stage.pass(15);
              const next = steps[at + 1];
              expect(stage.said()).toEqual([
                expect.stringContaining(`updater goes on: ${store} back`),
                ...(next === undefined ? [] : [`updater waits, ${next[1]} away: ${next[2]}`]),
              ]);
            }
            stores.append();
            yield* stage.own;
            yield* stage.until(stores.applied);
            expect((yield* stage.ready).status).toBe(200);
          }),
        );
      }),
  );

  it.effect.each([
    ["a full disk", "Full"],
    ["a damaged log", "Corrupt"],
    ["a table of a newer kind", "Unsupported"],
  ] as const)("archiver: %s", ([, reason]) =>
    Effect.gen(function* () {
      const stores = makeStores();
      stores.control.tables.reason = reason;
      yield* archiver(stores, (stage) =>
        Effect.gen(function* () {
          yield* stage.own;
          stores.append();
          yield* stage.until(stores.archived);
          expect((yield* stage.ready).status).toBe(200);
          stores.control.tables.away = true;
          stores.append();
          yield* stage.pass(900);
          expect(stage.said()).toEqual(["archiver waits, tables away: no space"]);
          const during = yield* stage.ready;
          expect(during.status).toBe(503);
          expect(during.body).toMatchObject({
            checks: { tables: { status: "down" } },
            archive: { rows: 5 * partitions },
          });
          stores.control.tables.away = false;
          yield* stage.until(stores.archived);
          yield* stage.pass(60);
          expect(stage.said()).toEqual([expect.stringContaining("archiver goes on: tables back")]);
          const after = yield* stage.ready;
          expect(after.status, JSON.stringify(after.body)).toBe(200);
          expect(after.body).toMatchObject({ archive: { rows: 10 * partitions }, groups: [{ lag: 0 }] });
        }),
      );
      const archived = stores.table.batches.flatMap(({ columns, rows }) =>
        Array.from({ length: rows }, (_, i) => `${columns.log_partition[i]} ${columns.log_offset[i]}`),
      );
      const wanted = stores.log.records.flatMap((records, p) => records.map(({ offset }) => `${p} ${offset}`));
      expect(archived.sort()).toEqual(wanted.sort());
    }),
  );
});
