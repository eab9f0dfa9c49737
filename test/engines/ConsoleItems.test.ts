/** The console's pages Items and Models in real headless Chromium: an item found, changed and seen on the map; a model learnt, served, rolled back. */
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest";
import type { Browser, Page } from "playwright-core";
import { smallShop, temporaryFolder } from "../e2e/process.ts";
import { type Service, serve } from "../e2e/serving.ts";
import { type Looks, launch, open, settled } from "./ConsoleBrowser.ts";

describe("the console", () => {
  const folder = temporaryFolder();
  let service: Service | undefined;
  let browser: Browser | undefined;

  beforeAll(async () => {
    service = await serve({
      DATA_DIR: folder.path,
      ...smallShop,
      BATCH_EVERY: "0 seconds",
      ARCHIVE_FLUSH_AGE: "100 millis",
    });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
    folder.remove();
  });

  const on = async (hash: string, use: (page: Page, url: string) => Promise<void>, looks: Looks = {}) => {
    if (browser === undefined || service === undefined) return expect.fail("not started");
    const { close, faults, page } = await open(browser, service.url, hash, looks);
    try {
      await settled(page);
      await use(page, service.url);
      expect(await faults()).toEqual([]);
    } finally {
      await close();
    }
  };

  it("finds an item, takes it off sale and changes it, by keyboard alone", () =>
    on("items", async (page, url) => {
      await page.getByRole("searchbox", { name: "Words of the title" }).focus();
      await page.keyboard.type("skirt");
      await expect.poll(() => page.url()).toContain("query=skirt");
      await settled(page);
      const found = page.locator(".items-found a");
      await expect.poll(async () => (await found.allTextContents()).every((text) => /skirt/i.test(text))).toBe(true);
      await found.first().focus();
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Take off sale" }).focus();
      const id = new URL(`http://page/?${page.url().split("?")[1]}`).searchParams.get("id");
      await page.keyboard.press("Enter");
      await page.getByText("not for sale", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Change", exact: true }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Add an attribute" }).focus();
      await page.keyboard.press("Enter");
      await page
        .getByLabel(/^Name of attribute/)
        .last()
        .focus();
      await page.keyboard.type("season");
      await page.getByLabel("Value of season").focus();
      await page.keyboard.type("winter");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      const item = await (await fetch(`${url}/items/${id}`)).json();
      expect(item).toMatchObject({ available: false, attributes: { season: "winter" } });
    }));

  it("opens an item by its id where no title has it", () =>
    on("items", async (page, url) => {
      const { items } = await (await fetch(`${url}/items?limit=1`)).json();
      const [{ item_id, title }] = items;
      await page.getByRole("searchbox").fill(item_id);
      await page.getByRole("link", { name: "Open the item with this id" }).press("Enter");
      await page.getByRole("heading", { name: title, level: 2 }).waitFor();
      expect(page.url()).toContain(`id=${item_id}`);
    }));

  it("has all items on a map: coloured, moved and opened by keyboard", () =>
    on("items", async (page) => {
      await page.getByText(/^150 items/).waitFor();
      const colours = page.getByRole("list", { name: /^Colours by/ }).getByRole("button");
      await colours.first().waitFor();
      await page.getByRole("combobox", { name: "Colour by" }).selectOption("index_group_name");
      await page.getByRole("list", { name: "Colours by index_group_name" }).waitFor();
      await colours.first().press("Enter");
      expect(await colours.first().getAttribute("aria-pressed")).toBe("true");
      await page.getByRole("region", { name: "Map of items" }).focus();
      await page.keyboard.press("+");
      await page.keyboard.press("ArrowUp");
      await page.keyboard.press("0");
      const word = page.locator(".map-word strong");
      const name = await word.textContent();
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: name ?? "", level: 2 }).waitFor();
    }));

  it("brings the card of an item that is opened on the map of a narrow page into view", () =>
    on(
      "items",
      async (page) => {
        await page.getByRole("list", { name: /^Colours by/ }).waitFor();
        const map = page.getByRole("region", { name: "Map of items" });
        await map.scrollIntoViewIfNeeded();
        await map.focus();
        await page.keyboard.press("0");
        await page.keyboard.press("Enter");
        await expect.poll(() => page.url()).toContain("id=");
        const card = page.locator(".items-own");
        const top = () => card.evaluate((element) => element.getBoundingClientRect().top / innerHeight);
        await expect.poll(top).toBeLessThan(0.8);
        expect(await top()).toBeGreaterThanOrEqual(0);
      },
      { width: 390 },
    ));

  it("tells of points at the map's edges within the map", () =>
    on(
      "items",
      async (page) => {
        await page.getByRole("list", { name: /^Colours by/ }).waitFor();
        const map = page.getByRole("region", { name: "Map of items" });
        await map.focus();
        for (const key of ["+", "+"]) await page.keyboard.press(key);
        const box = await map.boundingBox();
        if (box === null) return expect.fail("the map is not drawn");
        const word = page.locator(".map-word");
        let told = 0;
        for (const across of [3, box.width / 2, box.width - 3]) {
          for (let down = 4; down < box.height; down += 14) {
            await page.mouse.move(box.x + across, box.y + down);
            const at = (await word.count()) === 0 ? null : await word.boundingBox();
            if (at === null) continue;
            if (across !== box.width / 2) told += 1;
            expect(at.x).toBeGreaterThanOrEqual(box.x);
            expect(at.x + at.width).toBeLessThanOrEqual(box.x + box.width);
            expect(at.y).toBeGreaterThanOrEqual(box.y);
            expect(at.y + at.height).toBeLessThanOrEqual(box.y + box.height);
          }
        }
        expect(told).toBeGreaterThan(0);
      },
      { width: 390 },
    ));

  /** How many pixels of the map are not empty, in the frame in which it is drawn nearer. */
  const drawnPixels = (page: Page) =>
    page.evaluate(
      () =>
        new Promise<{ readonly pixels: number; readonly plain: boolean }>((resolve) => {
          const canvas = document.querySelector<HTMLCanvasElement>(".map canvas");
          if (canvas === null) return;
          const { left, top } = canvas.getBoundingClientRect();
          const [clientX, clientY] = [left + canvas.clientWidth / 2, top + canvas.clientHeight / 2];
          canvas.dispatchEvent(
            new WheelEvent("wheel", { deltaY: -50, bubbles: true, cancelable: true, clientX, clientY }),
          );
          let frames = 0;
          const look = () => {
            const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
            copy?.drawImage(canvas, 0, 0);
            const data = copy?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
            const pixels = Array.from(data).filter((value, at) => at % 4 === 3 && value > 100).length;
            frames += 1;
            // A graphics card's pixels are there in the frame alone in which they are drawn.
            if (pixels === 0 && frames < 20) requestAnimationFrame(look);
            else resolve({ pixels, plain: canvas.getContext("2d") !== null });
          };
          requestAnimationFrame(look);
        }),
    );

  it("draws the map by a graphics card, and the same without one", async () => {
    const found: Array<Awaited<ReturnType<typeof drawnPixels>>> = [];
    for (const card of [true, false]) {
      await on(
        "items",
        async (page) => {
          await page.getByRole("list", { name: /^Colours by/ }).waitFor();
          found.push(await drawnPixels(page));
        },
        { card },
      );
    }
    const [byCard, plain] = found;
    expect([byCard?.plain, plain?.plain]).toEqual([false, true]);
    expect(byCard?.pixels).toBeGreaterThan(1000);
    expect((plain?.pixels ?? 0) / (byCard?.pixels ?? 0)).toBeCloseTo(1, 0);
  });

  it("learns again, serves what was made, and rolls back", () =>
    on("models", async (page, url) => {
      const card = await (await fetch(`${url}/items?limit=1`)).json();
      const event = { user_id: "7", item_id: card.items[0].item_id, event_type: "purchase" };
      const archived = () => fetch(`${url}/items/${event.item_id}/card`).then((reply) => reply.json());
      const before = (await archived()).bought.purchases_ever;
      const headers = { "content-type": "application/json" };
      expect((await fetch(`${url}/events`, { method: "POST", headers, body: JSON.stringify(event) })).status).toBe(202);
      const versions = page.locator(".models-list a");
      await expect.poll(() => versions.count()).toBe(1);
      await expect.poll(async () => (await archived()).bought.purchases_ever, { timeout: 30_000 }).toBe(before + 1);
      await page.getByRole("button", { name: "Learn again" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Learn again" }).click();
      await page.getByRole("progressbar", { name: /^Batch/ }).waitFor();
      await expect.poll(() => versions.count(), { timeout: 120_000 }).toBe(2);
      await expect.poll(() => versions.first().textContent(), { timeout: 30_000 }).toContain("serves");
      await versions.last().click();
      await page.getByRole("button", { name: "Roll back to it" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Roll back" }).click();
      await expect.poll(() => versions.last().textContent(), { timeout: 30_000 }).toContain("serves");
      const { serving } = await (await fetch(`${url}/models`)).json();
      expect(await versions.last().textContent()).toContain(serving);
    }));
});
