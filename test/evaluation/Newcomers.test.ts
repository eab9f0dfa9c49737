import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { evaluateLog } from "../../src/evaluation/Evaluate.ts";
import type { InteractionLog } from "../../src/evaluation/InteractionLog.ts";
import { newItemsSentence, newItemsTable, shoppersRows, shoppersSentence } from "../../src/evaluation/Newcomers.ts";
import { prequential } from "../../src/evaluation/Prequential.ts";
import { htmlReport } from "../../src/evaluation/ReportHtml.ts";
import { formatReport } from "../../src/evaluation/ReportText.ts";
import { training } from "../support/Training.ts";
import { makeLogBuilder } from "./LogBuilder.ts";
import { made, silent } from "./Made.ts";
import { day, makeShop, parameters } from "./Shop.ts";

/** The shop, and in its last days 20 shoppers more and 30 items more, which half of the shoppers buy. */
const grown = (listed?: (itemId: string) => boolean): InteractionLog => {
  const builder = makeLogBuilder();
  const shop = makeShop(() => false);
  const add = (user: string, item: string, time: number): void => builder.add(user, item, 2, 1, time);
  const known = new Set(shop.item.filter((_, at) => shop.time[at] < 19_025 * day));
  for (let at = 0; at < shop.length; at++) {
    if (known.has(shop.item[at])) add(shop.userIds[shop.user[at]], shop.itemIds[shop.item[at]], shop.time[at]);
  }
  const ids = [...shop.itemIds];
  for (let n = 0; n < 30; n++) {
    ids.push(`new ${n}`);
    // Each once more by the same shopper, which is no news.
    for (const later of [0, 500]) add(`user ${2 * n}`, `new ${n}`, 19_028 * day + 10 * n + later);
  }
  for (let n = 0; n < 20; n++)
    for (let item = 0; item < 5; item++)
      add(`late ${n}`, shop.itemIds[(7 * n + item) % 40], 19_028 * day + 900 + 10 * n + item);
  return builder.finish(listed === undefined ? undefined : new Set(ids.filter(listed)));
};

describe("new shoppers", () => {
  it.effect("are told apart from those of the train part, and together they are all", () =>
    Effect.gen(function* () {
      const found = yield* prequential(made(grown()), silent);
      expect(found.newUsers).toBe(20);
      expect(found.newUserEvents).toBe(100);
      const last = found.cutoffs.length - 1;
      for (const { gain, known, ndcg, newcomers } of found.learners) {
        const [few, all] = [found.newUserEvents, found.events];
        expect((known.ndcg.mean * (all - few) + newcomers.ndcg.mean * few) / all).toBeCloseTo(ndcg[last]!, 10);
        expect((known.gain.mean * (all - few) + newcomers.gain.mean * few) / all).toBeCloseTo(gain.mean, 10);
        expect(newcomers.ndcg.margin).toBeGreaterThan(0);
      }
      expect(shoppersSentence(found)).toMatch(/; new: 100 events of 20 shoppers$/);
    }),
  );

  it.effect("that are not there leave their columns empty", () =>
    Effect.gen(function* () {
      const found = yield* prequential(made(makeShop(() => false)), silent);
      expect(shoppersSentence(found)).toMatch(/; new: none$/);
      for (const row of shoppersRows(found, parameters)) {
        expect(row.slice(3)).toEqual(["–", "–"]);
        expect(row[1]).toContain("±");
      }
    }),
  );
});

describe("new items", () => {
  it.effect("are counted where the items file lists them, once per shopper, and nobody finds them", () =>
    Effect.gen(function* () {
      const found = yield* prequential(made(grown((id) => id !== "new 3")), silent);
      expect(found.unknownItems).toBe(60);
      expect(found.newItems).toEqual({ itemsFile: true, events: 29, users: 29, items: 29, placed: 0 });
      expect(newItemsSentence(found)).toMatch(
        / 29 of these items, to which 29 shoppers came in 29 events\. Nobody ranks them: recall 0$/,
      );
    }),
  );

  it.effect("are found by a contestant that ranks them, which the sentence names", () =>
    Effect.gen(function* () {
      const log = grown(() => true);
      const found = yield* prequential(made(log), silent, (shop) => {
        const contestant = { name: "blend", setting: "ema" as const, rank: () => 1 };
        const even = (item: number): boolean => Number(log.itemIds[item]?.slice(4)) % 2 === 0;
        return [
          { contestant: { ...contestant, rankNew: ({ item }) => (even(item) ? 20 : 21) } },
          { contestant: { name: "popularity", rank: () => shop.set.items } },
        ];
      });
      expect(found.learners.map(({ newItemHit }) => newItemHit.mean)).toEqual([0.5, 0]);
      expect(newItemsSentence(found)).toMatch(/New items are ranked among each other$/);
      expect(newItemsTable(found).slice(1)).toEqual([
        ["blend", expect.stringMatching(/^0\.5000 ± 0\.1\d+$/), "0.0000 ± 0.0000"],
      ]);
    }),
  );

  it.effect("of a shop without an items file are told in words, on the terminal and on the page", () =>
    Effect.gen(function* () {
      const report = yield* evaluateLog(grown(), parameters).pipe(Effect.provide(training));
      expect(report.prequential?.newItems).toEqual({ itemsFile: false, events: 0, users: 0, items: 0, placed: 0 });
      expect(htmlReport(report)).toContain("; <code>import --items FILE</code> gives one.");
      for (const told of [formatReport(report), htmlReport(report)]) {
        expect(told).toContain("60 events on items that the train part does not know: without an items file");
      }
    }),
  );

  it.effect("that are none are told, too", () =>
    Effect.gen(function* () {
      const found = yield* prequential(made(makeShop(() => false)), silent);
      expect(newItemsSentence({ ...found, unknownItems: 0 })).toMatch(/^Every tested item/);
      expect(newItemsSentence({ ...found, unknownItems: 2, newItems: { ...found.newItems, itemsFile: true } })).toMatch(
        /none of which the items file lists$/,
      );
    }),
  );
});

describe("a group of one shopper", () => {
  it.effect("has no interval and no bar", () =>
    Effect.gen(function* () {
      const report = yield* evaluateLog(
        grown(() => true),
        parameters,
      ).pipe(Effect.provide(training));
      const { prequential: found } = report;
      if (found === null) return expect.fail("nothing was streamed");
      const page = (newUsers: number): string =>
        htmlReport({
          ...report,
          offline: { ...report.offline, rankers: [] },
          prequential: { ...found, newUsers, users: newUsers + 1 },
        });
      expect(shoppersRows({ ...found, newUsers: 1 }, parameters)[0]?.[4]).toBe("one shopper");
      // Of the known and of the new one alone: no figure; of ten new ones, one with a gap.
      expect(page(1)).not.toContain("who came since");
      expect(page(10).match(/too few to tell/g)).toHaveLength(1);
    }),
  );
});
