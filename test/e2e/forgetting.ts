/** A shopper forgotten from the first event to the last copy, in whole processes, wherever the stores are. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { expect } from "@effect/vitest";
import { run } from "./process.ts";
import { type Service, serve } from "./serving.ts";

/** The first of all ids: what tables tell of their files must not name the first and the last. */
export const anna = "anna-7f3a9c";
const users = [...Array.from({ length: 60 }, (_, user) => `user-${String(user).padStart(3, "0")}`), anna];
const ask = async ({ url }: Service, path: string, method = "GET") => {
  const response = await fetch(`${url}${path}`, { method });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

const stepsOf = (receipt: Record<string, unknown>) =>
  Object.fromEntries(
    (receipt.steps as ReadonlyArray<{ step: string; state: string }>).map((one) => [one.step, one.state]),
  );

const removed = {
  states: "done",
  events: "done",
  transactions: "done",
  customers: "done",
  user_map: "done",
  training_data: "done",
  models: "done",
  dead_letters: "done",
  rejected: "done",
};

/** The event log's records have gone by retention, and with the next start the bytes that the store's file still has of them. */
const forgetsInTheStore = async (
  environment: Readonly<Record<string, string>>,
  receipt: string,
  filesWithHer: () => Promise<ReadonlyArray<string>>,
): Promise<void> => {
  const stepsNow = async (service: Service) => stepsOf((await ask(service, `/receipts/${receipt}`)).body);
  let service = await serve(environment);
  try {
    await expect.poll(async () => (await stepsNow(service)).event_log, { timeout: 30_000 }).toBe("done");
    expect(await stepsNow(service)).toMatchObject({ ...removed, store_file: "pending" });
    expect(await filesWithHer()).toEqual(["/store/data.mdb"]);
    const refused = await run(["compact-store"], environment);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("stop whatever uses it")]);
  } finally {
    expect((await service.stop()).code).toBe(0);
  }
  service = await serve(environment);
  try {
    expect(await filesWithHer()).toEqual([]);
    expect(service.program.output()).toContain("nothing that was removed is left in it");
    const { body } = await ask(service, `/receipts/${receipt}`);
    expect([body.state, stepsOf(body)]).toEqual(["removed", expect.objectContaining({ store_file: "done" })]);
    // What others did is there.
    expect((await ask(service, "/recommend/user-031")).body.source).toBe("personalized");
  } finally {
    expect((await service.stop()).code).toBe(0);
  }
  expect((await run(["compact-store"], environment)).stdout).toContain("nothing that was removed is left in it");
};

/**
 * `folder` is empty; `stores` says where the stores are. `kept`: whatever beside files still names her after the batch that removes
 * what it may remove.
 */
export const forgetsEverywhere = async (
  folder: string,
  stores: Readonly<Record<string, string>>,
  kept: () => Promise<ReadonlyArray<string>>,
): Promise<void> => {
  const dataDir = join(folder, "data");
  const file = join(folder, "events.csv");
  const environment = {
    DATA_DIR: dataDir,
    PARTITIONS: "2",
    ARCHIVE_FLUSH_AGE: "100 millis",
    TABLE_RETENTION: "0 seconds",
    KEEP_MODELS: "3",
    ...stores,
  };
  const importing = [
    "import",
    "--events",
    file,
    "--user",
    "who",
    "--item",
    "what",
    "--timestamp",
    "at",
    "--max-rejects",
    "5",
  ];

  const writeEvents = () => {
    const rows = users.flatMap((user, u) =>
      Array.from({ length: 8 }, (_, n) => `${user},item-${(7 * u + n * n) % 40},${1_700_000_000 + 600 * (8 * u + n)}`),
    );
    writeFileSync(file, ["who,what,at", ...rows, `${anna},,1700000000`, "user-001,,1700000000", ""].join("\n"));
  };

  const ok = async (...args: ReadonlyArray<string>) => {
    const { code, stderr, stdout } = await run(args, environment);
    expect(code, stderr).toBe(0);
    return stdout;
  };

  const files = (at = dataDir): ReadonlyArray<string> =>
    readdirSync(at, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? files(join(at, entry.name)) : [join(at, entry.name)],
    );

  /** Files below the data folder that have the id in them, or in what they say when they are decompressed. */
  const filesWith = async (id: string): Promise<ReadonlyArray<string>> => {
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const found: Array<string> = [];
    for (const path of files()) {
      const isParquet = path.endsWith(".parquet");
      const rows = `SELECT count(*) FROM read_parquet('${path}') AS t WHERE contains(CAST(t AS VARCHAR), '${id}')`;
      const told = isParquet ? Number((await connection.runAndReadAll(rows)).getRows()[0]?.[0]) : 0;
      if (told > 0 || readFileSync(path).includes(id)) found.push(path.slice(dataDir.length));
    }
    connection.closeSync();
    return found;
  };

  /** The store, until it is compacted. */
  const storeFiles = stores.REDIS_URL === undefined ? ["/store/data.mdb"] : [];

  const rowsOf = async (id: string) => {
    const from = (table: string) => `SELECT count(*) FROM ${table} WHERE customer_id = '${id}'`;
    const text = await ok(
      "sql",
      `SELECT (${from("raw.transactions")}) AS bought, (${from("raw.events")}) AS did, (${from("processed.user_map")}) AS known`,
      "--format",
      "csv",
    );
    return text.trim().split("\n").at(-1);
  };

  /** Whom the lists of all shoppers are for, in order. */
  const usersWithLists = async () => {
    const path = join(folder, "lists.csv");
    await ok("recommend", "--all", "--out", path, "--k", "2");
    const [, ...rows] = readFileSync(path, "utf8").trim().split("\n");
    return [...new Set(rows.map((row) => row.split(",")[0]))].sort();
  };

  writeEvents();
  await ok(...importing);
  await ok("batch");
  let service = await serve(environment);
  let receipt = "";
  try {
    const events = ["item-1", "item-2", "no such item"].map((item_id) => ({
      user_id: anna,
      item_id,
      event_type: "purchase",
    }));
    const posted = await fetch(`${service.url}/events`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(events),
    });
    const { token } = (await posted.json()) as { token: string };
    expect((await ask(service, `/recommend/${anna}?after=${token}`)).body).toMatchObject({
      source: "personalized",
      caught_up: true,
    });
    expect((await ask(service, `/users/${anna}/export`)).body).toMatchObject({
      user_id: anna,
      state: { bought: expect.arrayContaining(["item-1", "item-2"]) },
      dead_letters: expect.arrayContaining([expect.objectContaining({ reason: "unknown_item" })]),
      transactions: expect.arrayContaining([expect.objectContaining({ customer_id: anna, t_dat: "2023-11-18" })]),
    });
    const told = await ask(service, `/users/${anna}`, "DELETE");
    expect((await ask(service, `/users/${anna}/export`)).body).toMatchObject({
      state: null,
      dead_letters: [],
      customers: [],
      transactions: [],
      events: [],
    });
    expect(told.status).toBe(202);
    expect(stepsOf(told.body)).toMatchObject({ states: "done", events: "pending", event_log: "by_retention" });
    receipt = told.body.receipt as string;
    expect((await ask(service, `/recommend/${anna}`)).body.source).not.toBe("personalized");
  } finally {
    expect((await service.stop()).code).toBe(0);
  }
  expect(await filesWith(anna)).not.toEqual([]);
  // Nothing of her is read any more, before anything is removed.
  expect(await rowsOf(anna)).toBe("0,0,0");
  expect(await rowsOf("user-031")).toBe("8,0,1");
  expect(await usersWithLists()).toEqual(users.filter((user) => user !== anna));
  await ok("batch");
  expect(await rowsOf(anna)).toBe("0,0,0");
  expect(await rowsOf("user-031")).toBe("8,0,1");
  expect(await filesWith(anna)).toEqual(storeFiles);
  expect(await kept()).toEqual([]);
  expect(await ok("dead-letters")).not.toContain(anna);

  // The shop's own file still names her: what is read again is left out again.
  await ok(...importing);
  expect(await rowsOf(anna)).toBe("0,0,0");
  await ok("batch");
  expect(await rowsOf(anna)).toBe("0,0,0");

  service = await serve(environment);
  try {
    expect((await ask(service, `/recommend/${anna}`)).body.source).not.toBe("personalized");
    const { body, status } = await ask(service, `/receipts/${receipt}`);
    expect([status, stepsOf(body)]).toEqual([200, expect.objectContaining(removed)]);
    // In each partition: an updater notes how far it is with the events that it applies.
    const token = await service.post("later", 23);
    expect(await service.caughtUp(token)).toBe(true);
  } finally {
    expect((await service.stop()).code).toBe(0);
  }
  // Back to the model that was learnt with her.
  const ids = (await ok("models")).match(/\d{8}T\d{6}-[0-9a-f]+/g) ?? [];
  for (const id of ids) await ok("models", "use", id);
  expect(await filesWith(anna)).toEqual(storeFiles);
  if (storeFiles.length > 0)
    await forgetsInTheStore({ ...environment, RETENTION: "1 second" }, receipt, () => filesWith(anna));
};
