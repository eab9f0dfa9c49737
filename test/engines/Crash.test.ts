import { cpSync } from "node:fs";
import { afterAll, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Layer, Option, Stream } from "effect";
import * as Embedded from "../../layers/Embedded.ts";
import type { Event } from "../../src/domain/Event.ts";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { recentSize } from "../../src/domain/RecentEvents.ts";
import { archiveAppId, rawEvents } from "../../src/domain/TableSchemas.ts";
import type { UserState } from "../../src/domain/UserState.ts";
import { makeRandom } from "../../src/kernels/Random.ts";
import { countEvents, liveFollowersOf, makeLiveFollowers, snapshotOf } from "../../src/learning/LiveFollowers.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { ModelRegistry } from "../../src/ports/ModelRegistry.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { run, smallShop, start, temporaryFolder } from "../e2e/process.ts";

const events = 4000;
const kills = 12;
const folder = temporaryFolder();
afterAll(folder.remove);

/** In this process, on the stores of a data folder. */
const on = <A, E>(
  dataDir: string,
  program: Effect.Effect<A, E, EventLog | UserStates | ModelRegistry | Tables | DeadLetters>,
) =>
  program.pipe(
    Effect.provide(Layer.merge(Embedded.stores, Embedded.tables)),
    Effect.withConfigProvider(
      ConfigProvider.fromMap(
        new Map([
          ["DATA_DIR", dataDir],
          ["PARTITIONS", "4"],
        ]),
      ),
    ),
    Effect.runPromise,
  );

const users = 40;
/** Place of the arrival among the numbers of one remembered event. */
const arrivalAt = 1;
const userId = (n: number) => `shopper-${n}`;

/** Some shoppers, mostly of known items; some poison, so that dead letters are counted too. */
const makeEvents = (itemIds: ReadonlyArray<string>): ReadonlyArray<Event> => {
  const random = makeRandom(7, "crash test");
  return Array.from({ length: events }, (_, i) => ({
    eventId: `event-${i}`,
    userId: userId(random.below(users)),
    itemId: random.below(50) === 0 ? "no such item" : itemIds[random.below(itemIds.length)],
    eventType: ["click", "click", "add_to_cart", "purchase"][random.below(4)],
    timestamp: 1_600_000_000 + i * 30,
    quantity: 1,
  }));
};

const append = (list: ReadonlyArray<Event>) =>
  Effect.flatMap(EventLog, (log) =>
    log.append(list.map((event) => ({ key: event.userId, value: encodeEvent(event) }))),
  );

/** Whether updater and archiver have done all. */
const done = Effect.gen(function* () {
  const log = yield* EventLog;
  const states = yield* UserStates;
  const { serving } = yield* Effect.flatMap(ModelRegistry, ({ state }) => state);
  const model = Option.getOrThrow(serving);
  const ends = yield* log.endOffsets;
  const identity = yield* log.identity;
  const snapshot = yield* Effect.option(Effect.flatMap(Tables, (tables) => tables.snapshot(rawEvents.name)));
  for (let p = 0; p < ends.length; p++) {
    if (ends[p] === 0n) continue;
    if (((yield* states.position(model, p)) ?? 0n) < ends[p]) return false;
    if (Option.isNone(snapshot) || (snapshot.value.transactions.get(archiveAppId(identity, p)) ?? 0n) < ends[p])
      return false;
  }
  return true;
});

/** All that a run leaves behind. */
const endState = Effect.gen(function* () {
  const log = yield* EventLog;
  const states = yield* UserStates;
  const { serving } = yield* Effect.flatMap(ModelRegistry, ({ state }) => state);
  const model = Option.getOrThrow(serving);
  const partitions = yield* log.partitions;
  const rows = yield* Effect.flatMap(Tables, (tables) => Stream.runCollect(tables.read(rawEvents.name)));
  const archived = [...rows].flatMap(({ columns, rows }) =>
    Array.from({ length: rows }, (_, i) =>
      [
        columns.log_partition[i],
        columns.log_offset[i],
        columns.event_id[i],
        columns.customer_id[i],
        columns.timestamp[i],
      ].join(" "),
    ),
  );
  const letters = yield* Effect.flatMap(DeadLetters, (dead) => dead.list(events));
  return {
    users: yield* states.read(
      model,
      Array.from({ length: users }, (_, n) => userId(n)),
    ),
    trends: yield* Effect.forEach(
      Array.from({ length: partitions }, (_, p) => p),
      (p) => states.trend(model, p),
    ),
    followers: yield* Effect.forEach(
      Array.from({ length: partitions }, (_, p) => p),
      (p) =>
        Effect.map(states.followers(model, p, undefined), ({ events, snapshot }) => {
          const live = snapshot === undefined ? makeLiveFollowers() : liveFollowersOf(snapshot);
          for (const batch of events) countEvents(live, batch);
          return snapshotOf(live);
        }),
    ),
    archived: archived.sort(),
    letters: letters
      .map(({ consumer, partition, offset, reason }) => `${consumer} ${partition} ${offset} ${reason}`)
      .sort(),
  };
});

/** The state, but for when the log took the events, which is another time in each run. */
const withoutArrivals = (user: UserState | undefined) =>
  user && { ...user, recent: user.recent.map((value, i) => (i % recentSize === arrivalAt ? 0 : value)) };

const settings = (dataDir: string) => ({
  DATA_DIR: dataDir,
  PORT: "0",
  BATCH_SIZE: "25",
  ARCHIVE_FLUSH_AGE: "150 millis",
  LOG_FORMAT: "logfmt",
});

const wait = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));

/** Starts the program and lets it work until all is done; killed `killAfter` milliseconds
 * after its updater has begun, where that is given. */
const work = async (dataDir: string, killAfter?: number) => {
  const process = start(["all-in-one"], settings(dataDir));
  if (killAfter !== undefined) {
    while (!process.output().includes("up to date") && process.child.exitCode === null) await wait(5);
    await wait(killAfter);
    process.child.kill("SIGKILL");
    return process.exit;
  }
  const began = Date.now();
  while (!(await on(dataDir, done))) {
    if (Date.now() - began > 60_000 || process.child.exitCode !== null) throw new Error(process.output());
    await wait(100);
  }
  process.child.kill("SIGTERM");
  return process.exit;
};

it("survives SIGKILL under load: the end state equals an uninterrupted run's, to the bit", {
  timeout: 240_000,
}, async () => {
  const killed = `${folder.path}/killed`;
  const calm = `${folder.path}/calm`;
  expect((await run(["generate"], { DATA_DIR: killed, ...smallShop })).code).toBe(0);
  const batch = await run(["batch"], { DATA_DIR: killed, PARTITIONS: "4" });
  expect(batch.code, batch.stderr).toBe(0);
  cpSync(killed, calm, { recursive: true });

  const itemIds = await on(
    killed,
    Effect.flatMap(Tables, (tables) =>
      Effect.map(Stream.runCollect(tables.read("raw/articles", { columns: ["article_id"] })), (batches) =>
        [...batches].flatMap(({ columns }) => Array.from(columns.article_id as ArrayLike<string>)),
      ),
    ),
  );
  const list = makeEvents(itemIds);
  const random = makeRandom(11, "kills");
  const share = Math.ceil(events / kills);
  for (let kill = 0; kill < kills; kill++) {
    const process = work(killed, random.below(400));
    await on(killed, append(list.slice(kill * share, (kill + 1) * share)));
    expect((await process).signal).toBe("SIGKILL");
  }
  const end = await work(killed);
  expect(end.signal === "SIGTERM" || end.code === 130 || end.code === 143 || end.code === 0, end.stderr).toBe(true);

  for (let kill = 0; kill < kills; kill++) await on(calm, append(list.slice(kill * share, (kill + 1) * share)));
  await work(calm);

  const [afterKills, undisturbed] = [await on(killed, endState), await on(calm, endState)];
  expect(undisturbed.archived).toHaveLength(events);
  expect(undisturbed.letters.length).toBeGreaterThan(20);
  expect(afterKills.archived).toEqual(undisturbed.archived);
  expect(afterKills.letters).toEqual(undisturbed.letters);
  expect(afterKills.users.map(withoutArrivals)).toEqual(undisturbed.users.map(withoutArrivals));
  expect(undisturbed.users.every((user) => user !== undefined && user.recent.length > 0)).toBe(true);
  expect(undisturbed.users.every((user) => user?.vector !== undefined)).toBe(true);
  expect(afterKills.followers).toEqual(undisturbed.followers);
  expect(undisturbed.followers.every(({ followers }) => followers.length > 100)).toBe(true);
  expect(afterKills.trends).toEqual(undisturbed.trends);
});
