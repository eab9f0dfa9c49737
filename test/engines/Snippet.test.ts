/** The snippet in a real browser: what pages tell arrives once, though the API is away at times and pages go while events wait. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest";
import { type Browser, chromium, type Page } from "playwright-core";
import { smallShop, temporaryFolder } from "../e2e/process.ts";
import { type Service, serve } from "../e2e/serving.ts";

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));

/** A page of the shop; `api` is asked through `proxy`, which may be away. */
const shopPage = (proxy: string) =>
  `<!doctype html><title>shop</title><script src="${proxy}/snippet.js" data-user="browser-user"></script>
   <button id="look" onclick="slipstream.track('click', '0', { recommendation_id: undefined })">look</button>`;

describe("the snippet", () => {
  const folder = temporaryFolder();
  let service: Service | undefined;
  let browser: Browser | undefined;
  const servers: Array<Server> = [];
  let shop = "";
  let proxy = "";
  /** How the proxy answers events: with a status of its own, or as the API does. */
  let away: number | "cut" | undefined;
  const taken: Array<{ readonly event_id: string; readonly item_id: string; readonly user_id: string }> = [];
  const posts: Array<number> = [];

  beforeAll(async () => {
    const page = createServer((_, response) => {
      response.writeHead(200, { "content-type": "text/html" }).end(shopPage(proxy));
    });
    shop = `http://127.0.0.1:${await listen(page)}`;
    service = await serve({ DATA_DIR: folder.path, ...smallShop, ALLOWED_ORIGINS: shop });
    const api = service.url;
    const between = createServer(async (request, response) => {
      const chunks: Array<Buffer> = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      const cors = { "access-control-allow-origin": shop };
      if (request.method === "POST" && away !== undefined) {
        posts.push(0);
        if (away === "cut") response.destroy();
        else response.writeHead(away, cors).end();
        return;
      }
      const headers = { "content-type": request.headers["content-type"] ?? "", origin: request.headers.origin ?? "" };
      const forwarded =
        request.method === "OPTIONS" ? { ...headers, "access-control-request-method": "POST" } : headers;
      const answer = await fetch(`${api}${request.url}`, {
        method: request.method ?? "GET",
        headers: Object.fromEntries(Object.entries(forwarded).filter(([, value]) => value !== "")),
        ...(body.length === 0 ? {} : { body }),
      });
      if (request.method === "POST") {
        posts.push(answer.status);
        if (answer.status === 202) taken.push(...JSON.parse(body.toString()));
      }
      const kept = [...answer.headers].filter(([name]) => name.startsWith("access-control") || name === "content-type");
      response.writeHead(answer.status, Object.fromEntries(kept)).end(Buffer.from(await answer.arrayBuffer()));
    });
    servers.push(page, between);
    proxy = `http://127.0.0.1:${await listen(between)}`;
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox"],
    });
  });
  afterAll(async () => {
    await browser?.close();
    for (const server of servers) server.close();
    await service?.stop();
    folder.remove();
  });

  const open = async (): Promise<Page> => {
    if (browser === undefined) return expect.fail("no browser");
    const page = await browser.newPage();
    await page.goto(shop);
    return page;
  };
  const track = (page: Page, item: string, type = "click") =>
    page.evaluate(([type, item]) => Reflect.get(globalThis, "slipstream").track(type, item), [type, item] as const);
  const items = () => taken.map(({ item_id }) => item_id);
  const until = async (isSo: () => boolean) => {
    for (let i = 0; i < 400 && !isSo(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isSo(), JSON.stringify({ taken, posts })).toBe(true);
  };

  it("is small, sets no cookie, and sends what happened together", async () => {
    const script = await (await fetch(`${proxy}/snippet.js`)).text();
    expect(gzipSync(script).length).toBeLessThan(2000);
    const page = await open();
    for (const item of ["a1", "a2", "a3"]) await track(page, item);
    await until(() => items().includes("a3"));
    expect(items()).toEqual(["a1", "a2", "a3"]);
    expect(new Set(taken.map(({ user_id }) => user_id))).toEqual(new Set(["browser-user"]));
    expect(new Set(taken.map(({ event_id }) => event_id)).size).toBe(3);
    expect(await page.context().cookies()).toEqual([]);
    await page.close();
  });

  it("tries again with the same ids, across pages of the tab", async () => {
    taken.length = 0;
    away = 503;
    const page = await open();
    await track(page, "b1");
    await until(() => posts.at(-1) === 0);
    away = "cut";
    await track(page, "b2");
    const before = posts.length;
    await page.reload();
    await until(() => posts.length > before);
    expect(taken).toEqual([]);
    away = undefined;
    await until(() => items().includes("b2"));
    expect([...new Set(items())]).toEqual(["b1", "b2"]);
    const ids = new Map(taken.map(({ event_id, item_id }) => [item_id, event_id]));
    for (const { event_id, item_id } of taken) expect(event_id).toBe(ids.get(item_id));
    await page.close();
  });

  it("sends what waits when the page goes away", async () => {
    taken.length = 0;
    const page = await open();
    await track(page, "c1");
    await page.goto("about:blank");
    await until(() => items().includes("c1"));
    await page.close();
  });

  it("lets no wrong event hold up others", async () => {
    taken.length = 0;
    const page = await open();
    const warned = page.waitForEvent("console", (message) => message.text().includes("an event was refused"));
    await track(page, "d1", "stare");
    await track(page, "d2");
    await warned;
    await until(() => items().includes("d2"));
    expect(items()).toEqual(["d2"]);
    expect(await page.evaluate(() => Reflect.get(globalThis, "sessionStorage").getItem("slipstream.events"))).toBe(
      "[]",
    );
    await page.close();
  });
});
