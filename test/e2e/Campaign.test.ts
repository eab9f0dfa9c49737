/** The lists of all shoppers in a file, while the shop serves: the very lists that the API answers. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run, smallShop, temporaryFolder } from "./process.ts";
import { type Service, serve } from "./serving.ts";

interface Row {
  readonly user_id: string;
  readonly rank: number;
  readonly item_id: string;
  readonly item_idx: number;
  readonly score: number;
  readonly source: string;
  readonly model: string;
  readonly recommendation_id: string;
}

interface Answer {
  readonly model: string;
  readonly recommendations: ReadonlyArray<Pick<Row, "item_idx" | "score" | "source">>;
}

describe("recommend --all", () => {
  const folder = temporaryFolder();
  let service: Service | undefined;
  beforeAll(async () => {
    service = await serve({ DATA_DIR: folder.path, ...smallShop });
  });
  afterAll(async () => {
    await service?.stop();
    folder.remove();
  });
  const write = (...flags: ReadonlyArray<string>) => run(["recommend", ...flags], { DATA_DIR: folder.path });

  it("writes what the API answers to each shopper", async () => {
    const token = (await service?.post("campaign", 40)) ?? "";
    expect(await service?.caughtUp(token)).toBe(true);
    const out = join(folder.path, "lists.parquet");
    const exit = await write("--all", "--out", out, "--k", "7", "--seen", "none");
    expect(exit.code, exit.stderr).toBe(0);
    const file = new Uint8Array(readFileSync(out)).buffer;
    const rows = (await parquetReadObjects({ file, compressors })) as unknown as ReadonlyArray<Row>;
    const users = [...new Set(rows.map(({ user_id }) => user_id))];
    expect(users.length).toBeGreaterThan(200);
    expect(rows).toHaveLength(7 * users.length);
    expect(exit.stdout).toContain(`${users.length} lists of up to 7 items`);
    for (const user of users.filter((_, i) => i % 10 === 0)) {
      const response = await fetch(`${service?.url}/recommend/${user}?k=7&seen=none`);
      const answer = (await response.json()) as Answer;
      const mine = rows.filter(({ user_id }) => user_id === user);
      expect(mine.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      expect(mine.map(({ item_idx, score, source }) => ({ item_idx, score, source }))).toEqual(
        answer.recommendations.map(({ item_idx, score, source }) => ({ item_idx, score, source })),
      );
      expect(new Set(mine.map(({ model }) => model))).toEqual(new Set([answer.model]));
      expect(new Set(mine.map(({ recommendation_id }) => recommendation_id)).size).toBe(1);
    }
  });

  it("writes CSV by the file's ending, and leaves the old file where it fails", async () => {
    const out = join(folder.path, "lists.csv");
    expect((await write("--all", "--out", out, "--k", "2")).code).toBe(0);
    const before = readFileSync(out, "utf8");
    const [head, first] = before.split("\n");
    expect(head).toBe("user_id,rank,item_id,item_idx,score,source,model,recommendation_id");
    expect(first?.split(",")[1]).toBe("1");
    const wrong = await write("--all", "--out", out, "--filter", "price <");
    expect([wrong.code, wrong.stderr]).toMatchObject([64, expect.stringMatching(/filter is wrong at character 8/)]);
    expect(readFileSync(out, "utf8")).toBe(before);
    expect(existsSync(`${out}.part`)).toBe(false);
  });

  it("says what it lacks before any work", async () => {
    const nowhere = await write("--all", "--out", join(folder.path, "none", "lists.csv"));
    expect([nowhere.code, nowhere.stderr]).toMatchObject([1, expect.stringMatching(/lists\.csv cannot be written/)]);
    expect((await write("--out", "lists.csv")).code).toBe(64);
    expect((await write("--all", "--out", "lists.xls")).stderr).toMatch(/ends in \.parquet or \.csv/);
  });
});
