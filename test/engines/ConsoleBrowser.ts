/** The console in real headless Chromium: pages of its own, and all that is wrong with one while it is open. */
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect } from "@effect/vitest";
import { type Browser, chromium, type Page } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

export interface Looks {
  readonly width?: number;
  readonly scheme?: "light" | "dark";
  /** Kept in the tab as if it had been entered. */
  readonly key?: string;
  /** The browser says that a graphics card draws, though one is computed here. */
  readonly card?: boolean;
}

export interface Opened {
  readonly page: Page;
  /** Errors of the console, exceptions, what the policy refused, and requests to other hosts. */
  readonly faults: () => Promise<ReadonlyArray<string>>;
  readonly close: () => Promise<void>;
}

/** Opens `#/name` of the console at `url`, and waits until nothing more is asked for. */
export const open = async (browser: Browser, url: string, hash: string, looks: Looks = {}): Promise<Opened> => {
  const { card, key, scheme = "light", width = 1280 } = looks;
  const context = await browser.newContext({
    viewport: { width, height: 860 },
    colorScheme: scheme,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const faults: Array<string> = [];
  page.on("console", (message) => {
    const text = message.text();
    // Of a graphics driver in software, when a canvas is read for a screenshot.
    const isOfDriver = text.includes("GL Driver Message (OpenGL, Performance");
    if ((message.type() === "error" || message.type() === "warning") && !isOfDriver) faults.push(text);
  });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${url}/`) && !/^(?:data|blob):/.test(request.url())) faults.push(request.url());
  });
  await page.addInitScript(() => {
    const refused: Array<string> = [];
    Reflect.set(globalThis, "refused", refused);
    document.addEventListener("securitypolicyviolation", (event) => {
      refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
    });
  });
  if (card) {
    await page.addInitScript(() => {
      const { getParameter } = WebGL2RenderingContext.prototype;
      const renderer = 0x92_46;
      WebGL2RenderingContext.prototype.getParameter = function (name) {
        return name === renderer ? "A card" : getParameter.call(this, name);
      };
    });
  }
  if (key !== undefined) await page.addInitScript((kept) => sessionStorage.setItem("slipstream-key", kept), key);
  await page.goto(`${url}/console#/${hash}`);
  // Without a key nothing settles where one is wanted.
  if (key !== undefined) await settled(page);
  return {
    page,
    faults: async () => [...faults, ...(await page.evaluate(() => Reflect.get(globalThis, "refused")))],
    close: () => context.close(),
  };
};

/** The page has drawn what it asked for. A stream of events never ends, so it does not wait for a silent network. */
export const settled = async (page: Page): Promise<void> => {
  await page.locator("main h1").waitFor();
  await expect.poll(() => page.locator("[aria-busy=true]").count(), { timeout: 20_000 }).toBe(0);
  await page.evaluate(() => document.fonts.ready);
};

/** What axe finds of the serious and the critical, each with where it is. */
export const seriousFaults = async (page: Page): Promise<ReadonlyArray<string>> => {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await Reflect.get(globalThis, "axe").run(document, { resultTypes: ["violations"] });
    return violations.flatMap(
      ({
        help,
        impact,
        nodes,
      }: {
        help: string;
        impact: string;
        nodes: ReadonlyArray<{ html: string; failureSummary: string }>;
      }) =>
        impact === "serious" || impact === "critical"
          ? nodes.map(({ failureSummary, html }) => `${help}: ${html.slice(0, 160)} ${failureSummary}`)
          : [],
    );
  });
};

/** How much wider than the window the page is, in pixels. */
export const sideways = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Which cards, products and messages lie over each other, by more than the pixel that rounding may take. */
export const overlapping = (page: Page): Promise<ReadonlyArray<string>> =>
  page.evaluate(() => {
    const all = [...document.querySelectorAll<HTMLElement>("main :is(.k-card, [data-item], .k-problem, details)")]
      .filter((one) => one.checkVisibility() && one.closest("dialog") === null)
      .map((one) => ({ one, at: one.getBoundingClientRect() }));
    const name = (one: HTMLElement) => `${one.className} “${one.textContent.slice(0, 30)}”`;
    return all.flatMap(({ at, one }, place) =>
      all
        .slice(place + 1)
        .filter(({ at: other, one: next }) => {
          const across = Math.min(at.right, other.right) - Math.max(at.left, other.left);
          const down = Math.min(at.bottom, other.bottom) - Math.max(at.top, other.top);
          return across > 1 && down > 1 && !one.contains(next) && !next.contains(one);
        })
        .map(({ one: next }) => `${name(one)} and ${name(next)}`),
    );
  });

/** Of all that can be used, what Tab never comes to; of radio buttons, one of a group counts, and of products, one of a list. */
export const unreached = async (page: Page, most = 400): Promise<ReadonlyArray<string>> => {
  await page.evaluate(() => {
    const all = [...document.querySelectorAll<HTMLElement>("a[href], button, input, select, textarea, [tabindex='0']")];
    const groups = new Set<string>();
    const wanted = all.filter((one) => {
      // Arrow keys come to the others.
      if (one.tabIndex < 0 && one.closest("[data-item]") !== null) return false;
      if (one.matches(":disabled") || one.closest("[inert]") !== null || !one.checkVisibility()) return false;
      if (!(one instanceof HTMLInputElement) || one.type !== "radio") return true;
      if (groups.has(one.name)) return false;
      groups.add(one.name);
      return true;
    });
    Reflect.set(globalThis, "wanted", new Set(wanted));
    (document.activeElement as HTMLElement | null)?.blur();
  });
  for (let presses = 0; presses < most; presses++) {
    await page.keyboard.press("Tab");
    const left = await page.evaluate(() => {
      const wanted: Set<HTMLElement> = Reflect.get(globalThis, "wanted");
      const at = document.activeElement;
      for (const one of wanted) {
        const isOfGroup = at instanceof HTMLInputElement && one instanceof HTMLInputElement && at.type === "radio";
        if (one === at || (isOfGroup && one.name === at.name)) wanted.delete(one);
      }
      return wanted.size;
    });
    if (left === 0) return [];
  }
  return page.evaluate(() =>
    [...(Reflect.get(globalThis, "wanted") as Set<HTMLElement>)].map(({ outerHTML }) => outerHTML.slice(0, 120)),
  );
};

/** Writes what is seen to the folder CONSOLE_SHOTS; without one, nothing. */
export const shoot = async (page: Page, name: string, full = true): Promise<void> => {
  const folder = process.env.CONSOLE_SHOTS;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: full });
};
