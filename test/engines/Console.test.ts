/**
 * The console in real headless Chromium: what each page is for, done; no error, no request to another host, nothing that its policy
 * refuses, nothing serious that axe finds, all of it reached by keyboard, and no page wider than a narrow window.
 *
 * CONSOLE_SHOTS=FOLDER writes what is seen.
 */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest";
import type { Browser } from "playwright-core";
import { smallShop, temporaryFolder } from "../e2e/process.ts";
import { type Service, serve } from "../e2e/serving.ts";
import {
  type Looks,
  launch,
  type Opened,
  open,
  seriousFaults,
  settled,
  shoot,
  sideways,
  unreached,
} from "./ConsoleBrowser.ts";

const key = "slip_0123456789012345678901234567890123456789012";
const entry = `all:read+write+admin:${createHash("sha256").update(key).digest("hex")}`;

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
      for (const scheme of ["light", "dark"] as const) {
        it(`has no serious fault that axe finds, wide and narrow, ${scheme}`, async () => {
          for (const width of [1280, 390]) {
            await on(
              name,
              async ({ page }) => {
                await shoot(page, `${name}-${width}-${scheme}`);
                expect(await seriousFaults(page)).toEqual([]);
              },
              { width, scheme },
            );
          }
        });
      }

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

  it("asks for a key where the API wants one, takes it by keyboard, and keeps it in the tab", async () => {
    if (browser === undefined || service === undefined) return expect.fail("not started");
    const { close, page } = await open(browser, service.url, "pipeline");
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
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
      await page.locator(".u-legend").first().waitFor();
      expect(await seriousFaults(page)).toEqual([]);
      await shoot(page, "stream-live");
    }));
});
