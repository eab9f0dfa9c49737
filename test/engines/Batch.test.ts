import { cpSync, readdirSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, expect, it } from "@effect/vitest";
import { Effect, Option, Stream } from "effect";
import type { Event } from "../../src/domain/Event.ts";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { itemFactors, userFactors } from "../../src/domain/ModelTables.ts";
import { makeRandom } from "../../src/kernels/Random.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { ItemIndex } from "../../src/ports/ItemIndex.ts";
import { ModelRegistry } from "../../src/ports/ModelRegistry.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { run, smallShop, start, temporaryFolder } from "../e2e/process.ts";
import { on, until, wait } from "../e2e/swapping.ts";

const folder = temporaryFolder();
afterAll(folder.remove);

const settings = (name: string) => ({
  DATA_DIR: join(folder.path, name),
  PARTITIONS: "2",
  LOG_FORMAT: "logfmt",
  ARCHIVE_FLUSH_AGE: "100 millis",
});

const registry = Effect.flatMap(ModelRegistry, ({ state }) => state);

const rowsOf = (table: string, columns: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const batches = yield* Stream.runCollect(tables.read(table, { columns }));
    return [...batches].flatMap(({ columns: found, rows }) =>
      Array.from({ length: rows }, (_, i) => columns.map((name) => found[name]?.[i])),
    );
  });

const makeEvents = (seed: number, count: number, customers: ReadonlyArray<string>, items: ReadonlyArray<string>) => {
  const random = makeRandom(seed, "batch test");
  return Array.from(
    { length: count },
    (_, i): Event => ({
      eventId: `event-${seed}-${i}`,
      userId: random.chance(0.2) ? `newcomer-${random.below(10)}` : customers[random.below(40)]!,
      itemId: items[random.below(items.length)]!,
      eventType: ["click", "add_to_cart", "purchase"][random.below(3)]!,
      timestamp: 1_600_800_000 + i * 60,
      quantity: 1,
    }),
  );
};

const append = (events: ReadonlyArray<Event>) =>
  Effect.flatMap(EventLog, (log) =>
    log.append(events.map((event) => ({ key: event.userId, value: encodeEvent(event) }))),
  );

/** Every Delta table of the folder, by its name; what is hidden was dropped. */
const tableNames = (dataDir: string): ReadonlyArray<string> => {
  const delta = join(dataDir, "delta");
  return readdirSync(delta, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("_delta_log") && !path.includes("/."))
    .map(dirname);
};

/** Whatever was killed when: each table is whole, each live model is loaded completely, and one of them serves. */
const consistent = (dataDir: string) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    for (const name of tableNames(dataDir)) {
      if (!readdirSync(join(dataDir, "delta", name, "_delta_log")).some((file) => file.endsWith(".json"))) continue;
      const { rows, schema } = yield* tables.snapshot(name);
      const read = yield* rowsOf(
        name,
        schema.map((field) => field.name),
      );
      expect(read.length, name).toBe(rows);
    }
    const { models, serving } = yield* registry;
    const live = models.filter(({ status }) => status === "live");
    expect(live.map(({ id }) => id)).toContain(Option.getOrThrow(serving));
    for (const { id, items, users } of live) {
      const catalogue = yield* Effect.flatMap(ItemIndex, (index) => index.items(id));
      expect(catalogue.itemIdx.length).toBe(items);
      const states = yield* UserStates;
      const found = yield* states.read(id, yield* userIdsOf(id, users));
      expect(found.filter((state) => state === undefined)).toEqual([]);
      const factors = yield* rowsOf(userFactors(id).name, ["id"]);
      expect(factors.length).toBe(users);
    }
    return { serving: Option.getOrThrow(serving), live: live.map(({ id }) => id), all: models.map(({ id }) => id) };
  });

/** The ids of all users that the model was loaded with. */
const userIdsOf = (model: string, users: number) =>
  Effect.map(
    Effect.flatMap(UserStates, (states) =>
      states.userIdsOf(
        model,
        Array.from({ length: users }, (_, idx) => idx),
      ),
    ),
    (ids) => ids.map((id) => id ?? expect.fail("a user without an id")),
  );

/** What the batch makes, without the names and the times of models. */
const result = Effect.gen(function* () {
  const { models, serving } = yield* registry;
  const id = Option.getOrThrow(serving);
  const model = models.find((one) => one.id === id)!;
  const states = yield* UserStates;
  const userIds = yield* userIdsOf(id, model.users);
  return {
    training: yield* rowsOf("processed/train_data", ["user_idx", "item_idx", "rating"]),
    history: yield* rowsOf("processed/user_history", ["user_idx", "item_idx", "type", "timestamp"]),
    users: yield* rowsOf(userFactors(id).name, ["id", "features"]),
    items: yield* rowsOf(itemFactors(id).name, ["id", "features"]),
    loss: model.metrics.loss,
    offsets: model.snapshot.offsets,
    states: new Map(
      (yield* states.read(id, [...userIds, ...Array.from({ length: 10 }, (_, n) => `newcomer-${n}`)])).map(
        (state, i) => [i, state],
      ),
    ),
  };
});

/** What the batch says as it goes from step to step, and about how many milliseconds the next step takes. */
const steps = {
  csvToDelta: { says: "", within: 1500 },
  preprocess: { says: "transactions, 150 articles", within: 300 },
  train: { says: "ratings of", within: 600 },
  load: { says: "trained model", within: 300 },
  use: { says: "most popular items", within: 100 },
  tidy: { says: "serves", within: 100 },
};
const moments = [
  steps.csvToDelta,
  steps.csvToDelta,
  steps.preprocess,
  steps.train,
  steps.train,
  steps.load,
  steps.load,
  steps.load,
  steps.use,
  steps.use,
  steps.tidy,
  steps.tidy,
];

it("survives SIGKILL and SIGTERM at any moment of the batch, and ends as if undisturbed", {
  timeout: 180_000,
}, async () => {
  const killed = settings("killed");
  const calm = settings("calm");
  expect((await run(["generate"], { ...killed, ...smallShop })).code).toBe(0);
  const first = await run(["batch"], killed);
  expect(first.code, first.stderr).toBe(0);

  // Something new to learn: events in the archive, and some that are in the log alone.
  const [customers, items] = await on(
    killed,
    Effect.all([rowsOf("processed/user_map", ["customer_id"]), rowsOf("processed/item_map", ["article_id"])]),
  );
  const events = (seed: number, count: number) => makeEvents(seed, count, customers.map(String), items.map(String));
  await on(killed, append(events(1, 400)));
  const archiver = start(["archiver"], killed);
  await until("all events are archived", () =>
    on(
      killed,
      Effect.flatMap(Tables, (tables) => tables.snapshot("raw/events")).pipe(
        Effect.map(({ rows }) => rows === 400),
        Effect.orElseSucceed(() => false),
      ),
    ),
  );
  archiver.child.kill("SIGTERM");
  expect((await archiver.exit).code).toBe(0);
  await on(killed, append(events(2, 200)));
  // Each batch reads the CSV files again, since they are newer than any table.
  for (const file of readdirSync(join(killed.DATA_DIR, "raw"))) {
    utimesSync(join(killed.DATA_DIR, "raw", file), 4_000_000_000, 4_000_000_000);
  }
  const { serving: before } = await on(killed, consistent(killed.DATA_DIR));
  cpSync(killed.DATA_DIR, calm.DATA_DIR, { recursive: true, preserveTimestamps: true });

  const undisturbed = await run(["batch"], calm);
  expect(undisturbed.code, undisturbed.stderr).toBe(0);

  const random = makeRandom(3, "batch kills");
  let served = before;
  for (const { says, within } of moments) {
    const process = start(["batch"], killed);
    await until(says, () => process.output().includes(says) || process.child.exitCode !== null);
    await wait(random.uniform() * within);
    process.child.kill(random.chance(0.3) ? "SIGTERM" : "SIGKILL");
    const { code, signal, stderr } = await process.exit;
    expect(signal !== null || code === 143 || code === 0, stderr).toBe(true);
    const { serving } = await on(killed, consistent(killed.DATA_DIR));
    // What served goes on serving until the new one is complete.
    if (serving !== served) expect(stderr).toContain("most popular items");
    served = serving;
  }

  const end = await run(["batch"], { ...killed, TABLE_RETENTION: "1 millis" });
  expect(end.code, end.stderr).toBe(0);
  const { all, serving } = await on(killed, consistent(killed.DATA_DIR));
  expect(serving).toBe(all.at(-1));
  const [disturbed, wanted] = [await on(killed, result), await on(calm, result)];
  expect(wanted.training.length).toBeGreaterThan(1000);
  expect(
    Object.values(wanted.offsets)
      .map(Number)
      .reduce((a, b) => a + b, 0),
  ).toBe(400);
  expect(disturbed).toEqual(wanted);
  // Nothing is left of the models that were never complete.
  expect(readdirSync(join(killed.DATA_DIR, "delta/models")).sort()).toEqual([...all].sort());
});
