/** A long batch of lines, parts of which a process beside the server answers: the lists that single requests get, whatever becomes of it. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smallShop, temporaryFolder } from "./process.ts";
import { type Service, serve, warnings } from "./serving.ts";

interface Line {
  readonly line: number;
  readonly user: string;
  readonly model: string;
  readonly recommendation_id: string;
  readonly recommendations: ReadonlyArray<{
    readonly item_id: string;
    readonly item_idx: number;
    readonly score: number;
  }>;
}

const shoppers = Array.from({ length: 23 }, (_, i) => `shopper-${i}`);
const lines = 6_000;
const body = Array.from({ length: lines }, (_, i) => `${JSON.stringify({ user_id: shoppers[i % 23] })}\n`).join("");

describe("A batch of many lines", () => {
  const folder = temporaryFolder();
  let service: Service | undefined;
  beforeAll(async () => {
    service = await serve({ DATA_DIR: folder.path, ...smallShop, BATCH_PROCESSES: "1" });
  });
  afterAll(async () => {
    await service?.stop();
    folder.remove();
  });

  const batch = async (query = "k=5"): Promise<ReadonlyArray<Line>> => {
    const response = await fetch(`${service?.url}/recommend/batch?metadata=false&${query}`, {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body,
    });
    const text = await response.text();
    expect(response.status, text.slice(0, 1_000)).toBe(200);
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Line);
  };

  /** The server's child processes, as Linux tells them. */
  const children = (): ReadonlyArray<number> => {
    const pid = service?.program.child.pid;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  };

  const begun = async (): Promise<void> => {
    const times = () => service?.program.output().match(/answers parts of batches beside this one/g)?.length ?? 0;
    const before = times();
    await batch();
    while (times() === before) await batch("k=1");
  };

  it("has the lists of single requests, in their order, each under an id of its own", async () => {
    expect(await service?.caughtUp((await service?.post("beside", 60)) ?? "")).toBe(true);
    await begun();
    const answers = await batch();
    expect(answers.map(({ line }) => line)).toEqual(Array.from({ length: lines }, (_, i) => i + 1));
    expect(new Set(answers.map(({ recommendation_id }) => recommendation_id)).size).toBe(lines);
    for (const [place, user] of shoppers.entries()) {
      const response = await fetch(`${service?.url}/recommend/${user}?k=5`);
      const alone = (await response.json()) as Line;
      const told = alone.recommendations.map(({ item_idx, score }) => ({ item_idx, score }));
      for (let at = place; at < lines; at += 23) {
        const { model, recommendations, user: named } = answers[at] as Line;
        expect([named, model]).toEqual([user, alone.model]);
        expect(recommendations.map(({ item_idx, score }) => ({ item_idx, score }))).toEqual(told);
      }
    }
  });

  it("holds nothing that was taken away just before", async () => {
    for (let time = 0; time < 5; time++) {
      const [first] = (await batch())[0]?.recommendations ?? [];
      const itemId = first?.item_id ?? "";
      const removed = await fetch(`${service?.url}/items/${encodeURIComponent(itemId)}`, { method: "DELETE" });
      expect(removed.status).toBe(204);
      const items = (await batch()).flatMap(({ recommendations }) => recommendations.map(({ item_id }) => item_id));
      expect(items).toHaveLength(5 * lines);
      expect(items).not.toContain(itemId);
    }
  });

  it.runIf(process.platform === "linux")("is whole where the process dies meanwhile, which is told once", async () => {
    const [child] = children();
    expect(child).toBeGreaterThan(0);
    const answers = batch("k=50");
    process.kill(child as number, "SIGKILL");
    expect((await answers).map(({ line }) => line)).toEqual(Array.from({ length: lines }, (_, i) => i + 1));
    await batch();
    expect(children()).toEqual([]);
    expect(
      warnings(service as Service).filter((line) => /parts of batches has ended: SIGKILL/.test(line)),
    ).toHaveLength(1);
  });
});
