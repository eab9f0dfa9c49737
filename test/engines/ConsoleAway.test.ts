/** The console in real headless Chromium while the API does not answer, and once it does again. */
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest";
import type { Browser, Page } from "playwright-core";
import { smallShop, temporaryFolder } from "../e2e/process.ts";
import { type Service, serve } from "../e2e/serving.ts";
import { launch, open, settled } from "./ConsoleBrowser.ts";

describe("the console without the API", () => {
  const folder = temporaryFolder();
  let service: Service | undefined;
  let browser: Browser | undefined;

  beforeAll(async () => {
    service = await serve({ DATA_DIR: folder.path, ...smallShop });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
    folder.remove();
  });

  const on = async (hash: string, use: (page: Page) => Promise<void>) => {
    if (browser === undefined || service === undefined) return expect.fail("not started");
    const { close, page } = await open(browser, service.url, hash);
    try {
      await settled(page);
      await use(page);
    } finally {
      await close();
    }
  };

  it("says so where a click could not be told, counts it for nothing, and takes the next one", () =>
    on("storefront", async (page) => {
      const step = page.locator(".sf-step").nth(1);
      const look = page
        .locator("[data-item]")
        .first()
        .getByRole("button", { name: /Look at/ });
      await page.route("**/events", (route) => route.abort());
      await look.press("Enter");
      await page.getByText(/^The API gave no answer: it is stopped or starting/).waitFor();
      expect(await step.textContent()).not.toContain("(done)");
      await page.unroute("**/events");
      await look.press("Enter");
      await page.getByText("from click to changed list").waitFor();
      expect(await step.textContent()).toContain("(done)");
    }));

  it("has calm words on pages that need a model while none serves, and goes on by itself once one does", () =>
    on("models", async (page) => {
      let serves = false;
      await page.route("**/console/shop", async (route) => {
        const response = await route.fetch();
        const shop = await response.json();
        await route.fulfill({ response, json: serves ? shop : { ...shop, model: null, examples: [] } });
      });
      const refused = { status: 503, contentType: "application/problem+json", json: { title: "Service unavailable" } };
      for (const path of ["**/trace", "**/map/columns**"]) {
        await page.route(path, (route) => (serves ? route.continue() : route.fulfill(refused)));
      }
      const learnt = { items: page.locator("canvas"), pipeline: page.getByRole("heading", { name: "What flowed" }) };
      for (const [name, what] of [["items", learnt.items] as const, ["pipeline?user=7", learnt.pipeline] as const]) {
        serves = false;
        await page.evaluate((hash) => {
          location.hash = `#/${hash}`;
        }, name);
        await page.getByText("The shop is still being learnt").waitFor();
        expect(await page.getByRole("alert").count(), name).toBe(0);
        serves = true;
        await what.first().waitFor();
        expect(await page.getByText("still being learnt").count(), name).toBe(0);
        expect(await page.getByRole("alert").count(), name).toBe(0);
      }
    }));

  it("does not say that nobody is called so where it could not be asked, and forgets that once the words are gone", () =>
    on("storefront", async (page) => {
      await page.getByRole("button", { name: "Be someone else" }).press("Enter");
      await page.route("**/console/shoppers**", (route) => route.abort());
      const words = page.getByRole("searchbox");
      await words.fill("nobody-at-all");
      await page.getByText("The API does not answer").waitFor();
      expect(await page.getByText(/^Nobody's id/).count()).toBe(0);
      await words.fill("");
      await page.getByText("The API does not answer").waitFor({ state: "detached" });
      await page.unroute("**/console/shoppers**");
      await words.fill("nobody-at-all");
      await page.getByText(/^Nobody's id/).waitFor();
    }));
});
