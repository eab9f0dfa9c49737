/** Learning again by itself where nothing is new: a roll-back stays, and no model is pruned for a copy of the newest. */
import { join } from "node:path";
import { afterAll, expect, it } from "@effect/vitest";
import { Effect, Option } from "effect";
import { ModelRegistry } from "../../src/ports/ModelRegistry.ts";
import { run, smallShop, temporaryFolder } from "../e2e/process.ts";
import { serve } from "../e2e/serving.ts";
import { on, until } from "../e2e/swapping.ts";

const folder = temporaryFolder();
afterAll(folder.remove);

const shop = {
  DATA_DIR: join(folder.path, "shop"),
  PARTITIONS: "2",
  LOG_FORMAT: "logfmt",
  ALS_ITERATIONS: "1",
  ALS_RANK: "8",
  ARCHIVE_FLUSH_AGE: "100 millis",
};

const standing = () =>
  on(
    shop,
    Effect.flatMap(ModelRegistry, ({ state }) => state).pipe(
      Effect.map(({ models, serving }) => ({
        ids: models.map(({ id }) => id),
        serving: Option.getOrUndefined(serving),
      })),
    ),
  );

interface Told {
  readonly model: string;
  readonly retraining: { readonly last: { readonly outcome: string; readonly detail: string | null } | null };
}

it("keeps to the model that a person went back to until there is something new", { timeout: 120_000 }, async () => {
  expect((await run(["generate"], { ...shop, ...smallShop })).code).toBe(0);
  // Typed by hand, each makes a model.
  for (let i = 0; i < 2; i++) expect((await run(["batch"], shop)).code).toBe(0);
  const [first = "", second = ""] = (await standing()).ids;
  expect((await run(["models", "use", first], shop)).code).toBe(0);

  const service = await serve({ ...shop, BATCH_EVERY: "1 second", KEEP_MODELS: "1" });
  const health = async () => (await (await fetch(`${service.url}/health/ready`)).json()) as Told;
  await until("a run was skipped", async () => (await health()).retraining.last !== null);
  expect(await health()).toMatchObject({
    model: first,
    retraining: { last: { outcome: "skipped", detail: `nothing is new since model ${second} was made` } },
  });
  expect(await standing()).toEqual({ ids: [first, second], serving: first });
  expect(service.program.output()).toContain("no other is made");
  expect(service.program.output()).toContain("learning again was skipped");

  await service.post("new", 20);
  await until("a new model serves", async () => ![first, second].includes((await health()).model));
  expect((await service.stop()).code).toBe(0);
});
