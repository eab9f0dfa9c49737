/** An import that went wrong: the batch makes a model of it, says what is wrong, and what served goes on. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "@effect/vitest";
import { Effect, Option, Stream } from "effect";
import { rawTransactions } from "../../src/domain/TableSchemas.ts";
import { ModelRegistry } from "../../src/ports/ModelRegistry.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { run, smallShop, temporaryFolder } from "../e2e/process.ts";
import { serve } from "../e2e/serving.ts";
import { on } from "../e2e/swapping.ts";

const folder = temporaryFolder();
afterAll(folder.remove);

const registry = Effect.flatMap(ModelRegistry, ({ state }) => state);
const serving = (environment: Readonly<Record<string, string>>) =>
  on(
    environment,
    Effect.map(registry, (state) => Option.getOrUndefined(state.serving)),
  );

it("a far smaller model waits for a person's word", { timeout: 120_000 }, async () => {
  const shop = { DATA_DIR: join(folder.path, "shop"), PARTITIONS: "2", LOG_FORMAT: "logfmt", ALS_ITERATIONS: "2" };
  expect((await run(["generate"], { ...shop, ...smallShop })).code).toBe(0);
  expect((await run(["batch"], shop)).code).toBe(0);
  const large = await serving(shop);

  const orders = join(folder.path, "orders.csv");
  writeFileSync(orders, `user,item\n${Array.from({ length: 60 }, (_, i) => `u${i % 7},i${i % 5}`).join("\n")}\n`);
  const imported = await run(["import", "--events", orders, "--user", "user", "--item", "item"], shop);
  expect(imported.code, imported.stderr).toBe(0);
  const refused = await run(["batch"], shop);
  expect(refused.code, refused.stderr).toBe(65);
  expect(refused.stderr).toMatch(/error: model (\S+) was learnt from 7 users \(the serving model has \d+\), 5 items/);
  expect(refused.stderr).toContain("60 events (the serving model has 6000), less than half");
  expect(await serving(shop)).toBe(large);

  const service = await serve(shop);
  const [, small = ""] = /error: model (\S+)/.exec(refused.stderr) ?? [];
  const health = await (await fetch(`${service.url}/health/ready`)).json();
  expect(health).toMatchObject({
    model: large,
    newer_model: { id: small, detail: expect.stringContaining("7 users") },
  });
  expect(service.program.output()).toContain("a newer model waits");
  expect((await service.stop()).code).toBe(0);

  const used = await run(["models", "use", small], shop);
  expect(used.code, used.stderr).toBe(0);
  expect(await serving(shop)).toBe(small);
  expect((await run(["models", "use", large ?? ""], shop)).code).toBe(0);
  const forced = await run(["batch", "--force"], shop);
  expect(forced.code, forced.stderr).toBe(0);
  expect([large, small]).not.toContain(await serving(shop));
});

it("a shop without events is not learnt from", { timeout: 60_000 }, async () => {
  const shop = { DATA_DIR: join(folder.path, "bare"), PARTITIONS: "2", LOG_FORMAT: "logfmt" };
  const emptied = Effect.flatMap(Tables, (tables) =>
    tables.overwrite(rawTransactions.name, rawTransactions.schema, Stream.empty),
  );
  await on(shop, emptied);
  const refused = await run(["batch", "--force"], shop);
  expect(refused.code, refused.stderr).toBe(65);
  expect(refused.stderr).toContain("raw/transactions and raw/events have no rows");
  expect(
    await on(
      shop,
      Effect.map(registry, ({ models }) => models),
    ),
  ).toEqual([]);
  expect(
    await on(
      shop,
      Effect.flatMap(Tables, ({ list }) => list),
    ),
  ).toEqual(["raw/transactions"]);
});
