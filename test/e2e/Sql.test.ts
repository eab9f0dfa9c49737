/** The command `sql`, as somebody types it. */
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Effect, Stream } from "effect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { make } from "../../layers/Tables/Local.ts";
import { rawTransactions } from "../../src/domain/TableSchemas.ts";
import { main, run, start, temporaryFolder } from "./process.ts";

const { path, remove } = temporaryFolder();
const env = { DATA_DIR: path };
const rows = 100_000;

beforeAll(() =>
  Effect.runPromise(
    Effect.gen(function* () {
      const tables = yield* make(join(path, "delta"));
      const fill = (value: unknown) => new Array(rows).fill(value);
      yield* tables.overwrite(
        rawTransactions.name,
        rawTransactions.schema,
        Stream.make({
          rows,
          columns: Object.fromEntries(
            rawTransactions.schema.map(({ name, type, nullable }) => [
              name,
              fill(nullable ? null : type === "date" ? 18_000 : "id"),
            ]),
          ),
        }),
      );
      yield* tables.overwrite("processed/broken", rawTransactions.schema, Stream.empty);
    }),
  ).then(() => rmSync(join(path, "delta/processed/broken/_delta_log/00000000000000000000.json"))),
);
afterAll(remove);

describe("sql", () => {
  it("answers on standard output alone", async () => {
    const { code, stdout } = await run(
      ["sql", "--format", "csv", "SELECT t_dat, count(*) AS n FROM raw.transactions GROUP BY 1"],
      env,
    );
    expect([code, stdout]).toEqual([0, `t_dat,n\n2019-04-14,${rows}\n`]);
    const { stdout: json } = await run(["sql", 'FROM "raw/transactions" LIMIT 1'], { ...env, SQL_FORMAT: "json" });
    expect(JSON.parse(json)).toMatchObject([{ t_dat: "2019-04-14", article_id: "id", price: null }]);
  });

  it("says what is wrong, and what was not done", async () => {
    const { code, stdout, stderr } = await run(["sql", "SELECT nope FROM raw.transactions"], env);
    expect([code, stdout]).toEqual([64, ""]);
    expect(stderr).toMatch(/error: .*"nope" not found/);
    const copy = await run(["sql", `COPY raw.transactions TO '${path}/out.csv'`], env);
    expect([copy.code, copy.stderr]).toEqual([64, expect.stringContaining("only one SELECT")]);
    expect(readdirSync(path).sort()).toEqual(["delta"]);
    const none = await run(["sql", "SELECT 1"], { DATA_DIR: join(path, "none") });
    expect([none.code, none.stderr]).toEqual([1, expect.stringMatching(/no table yet.*generate.*import/)]);
  });

  it("ends without a word when its reader has seen enough", () => {
    const { stdout, stderr } = spawnSync(
      "sh",
      ["-c", `"${process.execPath}" "${main}" sql --format csv 'FROM raw.transactions' | head -2`],
      { env: { ...env, PATH: process.env.PATH }, encoding: "utf8" },
    );
    expect(stdout.split("\n")).toHaveLength(3);
    expect(stderr).not.toMatch(/error|EPIPE/i);
  });

  it("stops at once when it is told to, and leaves no spill behind", async () => {
    const { child, exit } = start(
      ["sql", "SELECT count(*) FROM raw.transactions a, raw.transactions b, range(1000) c"],
      env,
    );
    await expect.poll(() => readdirSync(path), { timeout: 20_000 }).toContain("spill");
    await new Promise((resolve) => setTimeout(resolve, 500));
    const stopped = Date.now();
    child.kill("SIGINT");
    const { code, stdout } = await exit;
    expect([code, stdout]).toEqual([130, ""]);
    expect(Date.now() - stopped).toBeLessThan(10_000);
    expect(readdirSync(path).sort()).toEqual(["delta"]);
  });
});
