/** The console's products in real headless Chromium: reached by keyboard, kept under the focus while lists change, and shown by pictures. */
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest";
import type { Browser, Page } from "playwright-core";
import type { Answer } from "../../src/serving/recommend/Answer.ts";
import type { History } from "../../src/serving/users/PastSchema.ts";
import { smallShop, temporaryFolder } from "../e2e/process.ts";
import { type Service, serve } from "../e2e/serving.ts";
import { launch, open, settled } from "./ConsoleBrowser.ts";

/** Taller than wide. */
const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAACCAYAAACZgbYnAAAAEElEQVR4nGP4z8DwnwFEAAAT9gP9uKbxygAAAABJRU5ErkJggg==",
  "base64",
);

/** Of the product that has the focus, and the name of the control in it. */
const focused = (page: Page) =>
  page.evaluate(() => ({
    item: document.activeElement?.closest<HTMLElement>("[data-item]")?.dataset.item,
    says: document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "",
  }));

describe("the console's products", () => {
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

  /** The storefront, of which nothing must be wrong then but `expected`. */
  const on = async (use: (page: Page, url: string) => Promise<void>, expected: ReadonlyArray<RegExp> = []) => {
    if (browser === undefined || service === undefined) return expect.fail("not started");
    const { close, faults, page } = await open(browser, service.url, "storefront");
    try {
      await page.locator("[data-item]").first().waitFor();
      await settled(page);
      await use(page, service.url);
      expect((await faults()).filter((fault) => !expected.some((one) => one.test(fault)))).toEqual([]);
    } finally {
      await close();
    }
  };

  const idsOf = (page: Page) =>
    page.locator("[data-item]").evaluateAll((all) => all.map((one) => one.getAttribute("data-item") ?? ""));

  it("come by themselves once the shop is learnt, with somebody who has a history", () =>
    on(async (page) => {
      let asked = 0;
      await page.route("**/console/shop", async (route) => {
        asked += 1;
        const response = await route.fetch();
        const shop = await response.json();
        await route.fulfill({ response, json: asked > 1 ? shop : { ...shop, model: null, examples: [] } });
      });
      await page.reload();
      await page.getByText("still being learnt").waitFor();
      // Until then nobody is a shopper, and no list is asked for.
      expect(await page.locator(".sf-pane, .sf-guide, .k-problem").count()).toBe(0);
      await page.getByText("still being learnt").waitFor({ state: "detached" });
      await page.getByRole("heading", { name: "What they buy" }).waitFor();
      expect(await page.getByRole("heading", { name: "A new shopper" }).count()).toBe(0);
    }));

  it("are two steps from the top, one stop of Tab, and gone through by arrow keys", () =>
    on(async (page) => {
      const ids = await idsOf(page);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      expect((await focused(page)).says).toBe("Skip to products");
      await page.keyboard.press("Enter");
      expect((await focused(page)).item).toBe(ids[0]);
      await page.keyboard.press("ArrowRight");
      expect((await focused(page)).item).toBe(ids[1]);
      await page.keyboard.press("ArrowDown");
      const below = ids.indexOf((await focused(page)).item ?? "");
      expect(below).toBeGreaterThan(1);
      await page.keyboard.press("ArrowUp");
      await page.keyboard.press("Tab");
      const why = await focused(page);
      expect(why.item).toBe(ids[1]);
      expect(why.says).toMatch(/: why .* is here$/);
      await page.keyboard.press("ArrowLeft");
      expect((await focused(page)).says).toMatch(/: why .* is here$/);
      await page.keyboard.press("End");
      expect((await focused(page)).item).toBe(ids.at(-1));
      for (let presses = 0; presses < 4; presses++) await page.keyboard.press("Tab");
      expect((await focused(page)).item).toBeUndefined();
    }));

  it("keep the focus where it was while the list changes under it, and say what hiding is where no event tells of it", () =>
    on(async (page) => {
      const [first = ""] = await idsOf(page);
      const bought = page.locator(`[data-item="${first}"]`);
      await bought.getByRole("button", { name: /^Buy/ }).press("Enter");
      await expect.poll(() => idsOf(page), { timeout: 15_000 }).not.toContain(first);
      await expect.poll(async () => (await focused(page)).says).toMatch(/^Buy/);
      const looked = (await idsOf(page))[2] ?? "";
      const face = page.locator(`[data-item="${looked}"]`).getByRole("button", { name: /Look at/ });
      await Promise.all([
        page.waitForResponse((response) => response.url().includes("/recommend")),
        face.press("Enter"),
      ]);
      await settled(page);
      const now = await idsOf(page);
      expect((await focused(page)).item).toBe(now.includes(looked) ? looked : now[2]);
      const hide = page
        .locator("[data-item]")
        .first()
        .getByRole("button", { name: /^Hide .* on this page$/ });
      expect(await hide.getAttribute("title")).toContain("no type of event that says dislike");
      const hidden = (await idsOf(page))[0];
      await hide.press("Enter");
      await expect.poll(() => idsOf(page), { timeout: 15_000 }).not.toContain(hidden);
    }));

  it("are called by their ids, in reasons and in what was done, where the shop says nothing of them, and words are never cut", () =>
    on(async (page) => {
      const long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";
      await page.route("**/console/items**", (route) => route.fulfill({ json: { items: [] } }));
      for (const path of ["recommend", "users"]) {
        await page.route(`**/${path}/**`, async (route) => {
          const response = await route.fetch();
          await route.fulfill({
            response,
            body: (await response.text()).replaceAll(
              /"prod_name":"[^"]*"/g,
              `"prod_name":"${path === "users" ? "" : long}"`,
            ),
          });
        });
      }
      const asked = page.waitForResponse("**/recommend/**");
      const remembered = page.waitForResponse("**/history?**");
      await page.reload();
      await settled(page);
      const { recommendations } = (await (await asked).json()) as Pick<Answer, "recommendations">;
      const [first] = recommendations;
      const because = first?.reasons?.because.map(({ article_id }) => article_id) ?? [];
      expect(because.length).toBeGreaterThan(0);
      await page
        .getByRole("button", { name: /: why .* is here/ })
        .first()
        .press("Enter");
      const told = await page.locator(".sf-reason p").allTextContents();
      expect(told.filter((text) => !because.includes(text))).toEqual(["Popular in the shop now"]);
      const { history } = (await (await remembered).json()) as History;
      const known = history.map(({ metadata }) => metadata?.item_id ?? "");
      expect(await page.locator(".sf-recent-title").allTextContents()).toEqual(known.slice(0, 9));
      const cut = await page
        .locator(".sf-title")
        .evaluateAll((titles) => titles.filter(({ clientWidth, scrollWidth }) => scrollWidth > clientWidth).length);
      expect(cut).toBe(0);
    }));

  it("say why there are none, by whether filters are set", () =>
    on(async (page) => {
      await page.route("**/recommend/**", async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: { ...(await response.json()), recommendations: [] } });
      });
      await page.reload();
      await page.getByText(/^Nothing is left to show/).waitFor();
      await page.locator(".sf-settings summary").press("Enter");
      await page.getByLabel("Leave out").selectOption("none");
      await page.getByText("Nothing in the shop fits these filters.").waitFor();
    }));

  it("have a picture where it is of this host, and are drawn where it is of another or missing", () =>
    on(
      async (page, url) => {
        const ids = (await idsOf(page)).slice(0, 4);
        const pictures = [
          "/pictures/a.png",
          `${url}/pictures/b.png`,
          "https://pictures.example/c.png",
          "/pictures/none.png",
        ];
        for (const [at, image] of pictures.entries()) {
          const reply = await fetch(`${url}/items/${ids[at]}`, {
            method: "PATCH",
            headers: { "content-type": "application/merge-patch+json" },
            body: JSON.stringify({ attributes: { image } }),
          });
          expect(reply.status).toBe(200);
        }
        await page.route("**/pictures/*.png", (route) =>
          route.request().url().includes("none")
            ? route.fulfill({ status: 404 })
            : route.fulfill({ body: pixel, contentType: "image/png" }),
        );
        await page.reload();
        await settled(page);
        const drawnOf = (id = "") => {
          const face = page.locator(`[data-item="${id}"] .sf-face`);
          return Promise.all([face.locator("img").count(), face.locator("svg").count()]);
        };
        for (const [at, is] of (
          [
            [1, 0],
            [1, 0],
            [0, 1],
            [0, 1],
          ] as const
        ).entries()) {
          await expect.poll(() => drawnOf(ids[at]), { timeout: 15_000 }).toEqual(is);
        }
        const shown = page.locator(`[data-item="${ids[0]}"] img`);
        await expect.poll(() => shown.evaluate((one: HTMLImageElement) => one.naturalWidth)).toBe(1);
        // A picture takes the place of the drawing, whatever its own height.
        const heights = await page
          .locator(".sf-face")
          .evaluateAll((faces) => new Set(faces.map((face) => Math.round(face.getBoundingClientRect().height))).size);
        expect(heights).toBe(1);
      },
      [/404/],
    ));
});
