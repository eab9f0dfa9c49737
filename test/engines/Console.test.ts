/**
 * The console in real headless Chromium: what each page is for, done; no error, no request to another host, nothing that its policy
 * refuses, nothing serious that axe finds, all of it reached by keyboard, and no page wider than a narrow window.
 *
 * CONSOLE_SHOTS=FOLDER writes what is seen.
 */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest";
import type { Browser } from "playwright-core";
import { makeReader, type ServerEvent } from "../../src/console/data/EventStream.ts";
import type { LiveState } from "../../src/serving/live/LiveState.ts";
import { smallShop, temporaryFolder } from "../e2e/process.ts";
import { type Service, serve } from "../e2e/serving.ts";
import {
  type Looks,
  launch,
  type Opened,
  open,
  overlapping,
  seriousFaults,
  settled,
  shoot,
  sideways,
  unreached,
} from "./ConsoleBrowser.ts";

const key = "slip_0123456789012345678901234567890123456789012";
/** The first event that the server sends, which may come in several pieces. */
const firstEvent = async (url: string): Promise<ServerEvent> => {
  const ended = new AbortController();
  const { body } = await fetch(url, { headers: { "x-api-key": key }, signal: ended.signal });
  const read = makeReader();
  for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const [event] = read(piece);
    if (event === undefined) continue;
    ended.abort();
    return event;
  }
  return expect.fail(`${url} sent no event`);
};

const entry = `all:read+write+admin:${createHash("sha256").update(key).digest("hex")}`;

/** Wide and narrow, light and dark; and what screenshots show besides. */
const looked = [
  [1280, "light"],
  [390, "dark"],
] as const;
const shotBesides = [
  [1280, "dark"],
  [390, "light"],
] as const;

const pages = ["storefront", "stream", "models", "items", "pipeline"];

describe("the console", () => {
  const folder = temporaryFolder();
  let service: Service | undefined;
  let browser: Browser | undefined;

  beforeAll(async () => {
    service = await serve({ DATA_DIR: folder.path, ...smallShop, API_KEYS: entry });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
    folder.remove();
  });

  /** Runs `use` on an open page, of which nothing must be wrong then. */
  const on = async (hash: string, use: (opened: Opened) => Promise<void>, looks: Looks = { key }) => {
    if (browser === undefined || service === undefined) return expect.fail("not started");
    const opened = await open(browser, service.url, hash, { key, ...looks });
    try {
      await use(opened);
      expect(await opened.faults()).toEqual([]);
    } finally {
      await opened.close();
    }
  };

  for (const name of pages) {
    describe(name, () => {
      for (const [width, scheme] of [...looked, ...(process.env.CONSOLE_SHOTS === undefined ? [] : shotBesides)]) {
        it(`has no serious fault that axe finds, ${width} pixels wide, ${scheme}`, () =>
          on(
            name,
            async ({ page }) => {
              await shoot(page, `${name}-${width}-${scheme}`);
              expect(await seriousFaults(page)).toEqual([]);
            },
            { width, scheme },
          ));
      }

      it("has nothing over anything else, and nothing beside the window, at any width", () =>
        on(name, async ({ page }) => {
          for (const width of [1440, 1100, 900, 640, 480, 390, 320]) {
            await page.setViewportSize({ width, height: 860 });
            expect(await overlapping(page), `${width} pixels`).toEqual([]);
            expect(await sideways(page), `${width} pixels`).toBeLessThanOrEqual(0);
          }
        }));

      it("is reached whole by keyboard, and fits 360 pixels", () =>
        on(
          name,
          async ({ page }) => {
            expect(await sideways(page)).toBeLessThanOrEqual(0);
            expect(await unreached(page)).toEqual([]);
          },
          { width: 360 },
        ));
    });
  }

  it("tells each reason of partitions that do not run once, and whole, in 360 pixels", () =>
    on(
      "stream",
      async ({ page }) => {
        if (service === undefined) return expect.fail("not started");
        const { data } = await firstEvent(`${service.url}/live`);
        const state = JSON.parse(data) as LiveState;
        const long = (user: string) =>
          `the stored state of user ${user.repeat(64)} cannot be decoded: run the batch, which makes a model anew`;
        const reasons = [long("a"), null, long("b"), long("a")];
        const groups = state.groups.map((group) => ({
          ...group,
          partitions: reasons.map((reason, partition) => ({
            ...group.partitions[0],
            ...{ partition, reason, state: reason === null ? "running" : "restarting" },
          })),
        }));
        const outages = [{ role: "updater", store: "user states", detail: long("c") }];
        const body = `event: state\ndata: ${JSON.stringify({ ...state, groups, outages })}\n\n`;
        await page.route("**/live", (route) => route.fulfill({ contentType: "text/event-stream", body }));
        await page.reload();
        const told = page.locator(".s-reasons").first().locator("li");
        await told.first().waitFor();
        expect(await told.allTextContents()).toEqual([`Partitions 0, 3: ${long("a")}`, `Partition 2: ${long("b")}`]);
        await page.getByText(long("c")).waitFor();
        // What a state means is there to read, without anything to point with.
        const meant = page.locator(".s-meanings").first();
        expect(await meant.locator("dt").allTextContents()).toEqual(["restarting"]);
        expect(await meant.textContent()).toContain("starts over after a pause");
        // The answer has ended: what is shown still says of when it is.
        await page.getByText(/has stopped\. It is tried again every other second\. What stands below is of /).waitFor();
        expect(await sideways(page)).toBeLessThanOrEqual(0);
      },
      { width: 360 },
    ));

  it("asks for a key where the API wants one, takes it by keyboard, and keeps it in the tab", async () => {
    if (browser === undefined || service === undefined) return expect.fail("not started");
    const { close, page } = await open(browser, service.url, "pipeline");
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    expect(await dialog.textContent()).toContain("keys add NAME --scopes read,write,admin");
    expect(await seriousFaults(page)).toEqual([]);
    await shoot(page, "key", false);
    // The focus is in the field already.
    await page.keyboard.type("slip_wrong");
    await page.keyboard.press("Enter");
    await expect.poll(() => dialog.textContent()).toMatch(/not known/);
    await page.getByLabel(/API key/).fill(key);
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("heading", { name: "What flowed" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "What flowed" }).waitFor();
    await close();
  });

  it("asks for a key no second time by itself, tells nothing that it could not ask, and goes on once there is one", async () => {
    if (browser === undefined || service === undefined) return expect.fail("not started");
    const { close, page } = await open(browser, service.url, "stream");
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    expect(await dialog.textContent()).toContain("keys add NAME --scopes read,write,admin");
    await page.clock.install();
    const refused: Array<string> = [];
    page.on("response", (response) => refused.push(response.url()));
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await page.getByText("Nothing is told just now").waitFor();
    expect(await page.getByText("every event could be used").count()).toBe(0);
    // Longer than until another try, were there one.
    await page.clock.fastForward(5000);
    expect(await dialog.count()).toBe(0);
    await page.getByRole("button", { name: "Try again" }).press("Enter");
    await dialog.waitFor();
    expect(refused.filter((url) => url.endsWith("/live"))).toEqual([]);
    await page.getByLabel(/API key/).fill(key);
    await page.keyboard.press("Enter");
    await page.getByText("live", { exact: true }).waitFor();
    await page.getByText("every event could be used").waitFor();
    await close();
  });

  it("asks for no key by itself on any page after “Not now”, but where another page is opened or something is done", async () => {
    if (browser === undefined || service === undefined) return expect.fail("not started");
    const { close, page } = await open(browser, service.url, "pipeline");
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    await page.clock.install();
    // What the page asks once it knows that it may not know the shop.
    const traced = page.waitForResponse("**/trace");
    await page.getByRole("button", { name: "Not now" }).press("Enter");
    expect((await traced).status()).toBe(401);
    await page.getByRole("button", { name: "Try again" }).waitFor();
    expect(await dialog.count()).toBe(0);
    await page.getByRole("link", { name: "Models" }).press("Enter");
    await dialog.waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Try again" }).first().waitFor();
    const looked = page.waitForResponse("**/batch");
    await page.clock.fastForward(15_000);
    expect((await looked).status()).toBe(401);
    await page.clock.fastForward(100);
    expect(await dialog.count()).toBe(0);
    await page.getByRole("button", { name: "Try again" }).first().press("Enter");
    await dialog.waitFor();
    await close();
  });

  it("shows a request through the stages, by keyboard alone", () =>
    on("pipeline", async ({ page }) => {
      const url = service?.url;
      const asked = { user_id: "7", k: 10, seen: "bought", diversity_lambda: 0.5 };
      const reply = await fetch(`${url}/trace`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-api-key": key },
        body: JSON.stringify(asked),
      });
      const { items, recommendations } = (await reply.json()) as {
        readonly items: ReadonlyArray<{ readonly outcome: string }>;
        readonly recommendations: ReadonlyArray<{ readonly metadata: { readonly prod_name: string } }>;
      };
      await page.getByRole("textbox", { name: "Shopper" }).focus();
      await page.keyboard.press("Control+A");
      await page.keyboard.type("7");
      await page.getByRole("slider", { name: "Diversity" }).focus();
      for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowRight");
      await page.getByRole("textbox", { name: "Shopper" }).focus();
      await page.keyboard.press("Enter");
      await settled(page);
      const names = page.locator(".p-line-in .p-line-name");
      await expect.poll(() => names.count()).toBe(recommendations.length);
      const first = page.getByRole("table").locator("tbody tr").first();
      await expect.poll(() => first.textContent()).toContain(recommendations[0]?.metadata.prod_name);
      expect(page.url()).toContain("user=7");
      await page.getByRole("radio", { name: /^All/ }).focus();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowRight");
      const taken = items.filter(({ outcome }) => outcome === "refused").length;
      expect(taken).toBeGreaterThan(0);
      await expect.poll(() => page.getByRole("table").locator("tbody tr").count()).toBe(Math.min(25, taken));
      expect(await page.getByRole("table").locator("tbody tr").first().textContent()).toMatch(/bought before/);
      expect(await seriousFaults(page)).toEqual([]);
      await shoot(page, "pipeline-traced");
    }));

  const post = (path: string, body: unknown) =>
    fetch(`${service?.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": key },
      body: JSON.stringify(body),
    });

  it("shows the stream as it happens, and replays what could not be used, by keyboard alone", () =>
    on("stream", async ({ page }) => {
      await page.getByText("live", { exact: true }).waitFor();
      await page.getByRole("heading", { name: /which serves/ }).waitFor();
      await expect.poll(() => page.getByText(/^Partition \d+$/).count()).toBeGreaterThan(0);
      const newest = page.getByRole("table", { name: "Newest events" });
      const letters = page.getByRole("table", { name: /^Dead letters/ });
      await post("/events", [
        { user_id: "stream-shopper", item_idx: 3, event_type: "click" },
        { user_id: "stream-shopper", item_id: "no-such-item", event_type: "click" },
      ]);
      await expect.poll(() => newest.textContent(), { timeout: 15_000 }).toContain("stream-shopper");
      await expect.poll(() => letters.textContent(), { timeout: 15_000 }).toContain("unknown item");
      await page.getByRole("button", { name: "Replay", exact: true }).press("Enter");
      const dialog = page.getByRole("dialog");
      await dialog.waitFor();
      expect(await seriousFaults(page)).toEqual([]);
      await dialog.getByRole("button", { name: "Replay", exact: true }).press("Enter");
      await dialog.waitFor({ state: "detached" });
      await page.locator(".notice").first().waitFor();
      // Where it was, though the button was of no use meanwhile.
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Replay");
      await page.locator(".u-legend").first().waitFor();
      expect(await seriousFaults(page)).toEqual([]);
      await shoot(page, "stream-live");
    }));

  it("is a shopper, clicks, sees the list change and why, by keyboard alone", () =>
    on("storefront", async ({ page }) => {
      const tiles = page.locator("[data-item]");
      await tiles.first().waitFor();
      const names = () => tiles.evaluateAll((all) => all.map((one) => one.getAttribute("data-item")));
      const before = await names();
      expect(before.length).toBeGreaterThan(5);
      await shoot(page, "storefront-open", false);
      const bought = before[0] ?? "";
      await tiles.first().getByRole("button", { name: /^Buy/ }).press("Enter");
      // What was bought is gone, and the time from click to list is told.
      await expect.poll(names, { timeout: 15_000 }).not.toContain(bought);
      await page.getByText("from click to changed list").waitFor();
      await settled(page);
      await tiles
        .nth(3)
        .getByRole("button", { name: /Look at/ })
        .press("Enter");
      await expect.poll(() => page.getByText(/^[▲▼] \d+|^in$/).count(), { timeout: 15_000 }).toBeGreaterThan(0);
      await settled(page);
      expect(await seriousFaults(page)).toEqual([]);
      await shoot(page, "storefront-clicked", false);
      await tiles
        .first()
        .getByRole("button", { name: /why .* is here/ })
        .press("Enter");
      const dialog = page.getByRole("dialog");
      await dialog.getByText(/^= /).waitFor();
      expect(await seriousFaults(page)).toEqual([]);
      await shoot(page, "storefront-why", false);
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Side by side" }).press("Enter");
      await expect.poll(() => page.locator(".sf-pane").count()).toBe(2);
      await settled(page);
      expect(await seriousFaults(page)).toEqual([]);
      await shoot(page, "storefront-two");
      for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 860 });
        const places = await page
          .locator(".sf-pane")
          .evaluateAll((panes) => panes.map((pane) => pane.getBoundingClientRect().top));
        expect(places, `${width} pixels`).toEqual([places[0], places[0]]);
        expect(await sideways(page)).toBeLessThanOrEqual(0);
      }
    }));

  it("finds an item and tells of it, and asks before a model is switched, by keyboard alone", async () => {
    await on("items", async ({ page }) => {
      const found = page.locator(".items-found a");
      await found.first().waitFor();
      const words = (await found.first().locator("span").first().textContent()) ?? "";
      await page.getByRole("searchbox").focus();
      await page.keyboard.type(words);
      await expect.poll(() => page.url()).toContain("query=");
      await settled(page);
      await found.first().press("Enter");
      await page.getByRole("heading", { name: "Alike by taste" }).waitFor();
      // One step from the list, which may be long, to what was opened of it.
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Take off sale");
      await page.locator("canvas").first().waitFor();
      await settled(page);
      expect(await seriousFaults(page)).toEqual([]);
      await shoot(page, "items-open", false);
      await page.getByRole("button", { name: "Change", exact: true }).press("Enter");
      await page.getByRole("dialog").waitFor();
      // In view, though the attributes are more than a window holds.
      const save = await page.getByRole("dialog").getByRole("button", { name: "Save" }).boundingBox();
      expect((save?.y ?? Number.POSITIVE_INFINITY) + (save?.height ?? 0)).toBeLessThan(860);
      expect(await seriousFaults(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    });
    await on("models", async ({ page }) => {
      const learn = page.getByRole("button", { name: "Learn again" });
      await expect.poll(() => learn.isEnabled(), { timeout: 20_000 }).toBe(true);
      await learn.press("Enter");
      await page.getByRole("dialog").waitFor();
      expect(await seriousFaults(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      // Enter in a field goes on.
      await page.getByRole("button", { name: "Search settings" }).press("Enter");
      await page.route("**/tuning**", (route) => route.fulfill({ status: 202, json: {} }));
      const begun = page.waitForRequest((request) => request.method() === "POST");
      await page.getByLabel("Minutes").fill("3");
      await page.keyboard.press("Enter");
      expect((await begun).url()).toMatch(/\/tuning\?minutes=3$/);
      await page.getByRole("dialog").waitFor({ state: "detached" });
    });
  });
});
