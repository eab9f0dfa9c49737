/** The catalogue of a running shop, changed by calls: true in every answer at once, and kept over a restart. */
import { afterAll, describe, expect, it } from "vitest";
import { smallShop, temporaryFolder } from "./process.ts";
import { type Service, serve } from "./serving.ts";

interface Recommended {
  readonly recommendations: ReadonlyArray<{ readonly metadata: { readonly article_id: string } | null }>;
}

const shirt = { title: "Linen shirt", attributes: { fabric_of_test: "Linen", price: 29.99 } };

describe("the catalogue", () => {
  const folder = temporaryFolder();
  let service: Service | undefined;
  const start = async () => {
    service = await serve({ DATA_DIR: folder.path, ...smallShop });
  };
  afterAll(async () => {
    await service?.stop();
    folder.remove();
  });

  const ask = async (path: string, method = "GET", body?: unknown, type = "application/json") => {
    const sent = typeof body === "string" ? body : JSON.stringify(body);
    const init = body === undefined ? { method } : { method, body: sent, headers: { "content-type": type } };
    const response = await fetch(`${service?.url}${path}`, init);
    const text = await response.text();
    return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
  };
  const recommended = async (query: string) => {
    const { body, status } = await ask(`/recommend/newcomer?k=50&${query}`);
    expect(status, JSON.stringify(body)).toBe(200);
    return (body as Recommended).recommendations.map(({ metadata }) => metadata?.article_id);
  };
  const linen = `filter=${encodeURIComponent('fabric_of_test = "Linen"')}`;

  it("shows an item from the moment it is put until it is withdrawn, and over a restart", async () => {
    await start();
    expect((await ask("/items/linen-shirt", "PUT", shirt)).status).toBe(201);
    expect((await ask("/items/linen-shirt")).body).toMatchObject({ item_id: "linen-shirt", ...shirt });
    expect(await recommended(linen)).toEqual(["linen-shirt"]);
    const [known] = await recommended("");
    expect(known).toBeDefined();
    expect((await ask(`/items/${known}`, "PATCH", { available: false })).status).toBe(200);
    expect(await recommended("")).not.toContain(known);
    expect((await ask("/items/linen-shirt", "PATCH", { available: false })).status).toBe(200);
    expect(await recommended(linen)).toEqual([]);
    await ask("/items/linen-shirt", "PATCH", { available: true });
    const stopped = await service?.stop();
    expect(stopped?.code, stopped?.stderr).toBe(0);
    await start();
    expect(await recommended(linen)).toEqual(["linen-shirt"]);
    expect(await recommended("")).not.toContain(known);
    expect((await ask("/items/linen-shirt", "DELETE")).status).toBe(204);
    expect(await recommended(linen)).toEqual([]);
    expect((await ask("/items/linen-shirt")).status).toBe(404);
  });

  it("takes 20,000 lines while they arrive", async () => {
    const lines = Array.from({ length: 20_000 }, (_, n) =>
      JSON.stringify(n === 77 ? { item_id: n } : { item_id: `line-${n}`, title: `Line ${n}`, attributes: { n } }),
    );
    const { body, status } = await ask("/items", "POST", `${lines.join("\n")}\n`, "application/x-ndjson");
    expect([status, body.accepted, body.rejected]).toEqual([200, 19_999, 1]);
    expect(body.rejects).toMatchObject([{ line: 78, field: "item_id", value: 77 }]);
    const found = await ask("/items?query=line%2019999");
    expect(found.body).toMatchObject({
      items: [{ item_id: "line-19999", attributes: { n: 19_999 } }],
      next_cursor: null,
    });
  });
});
