import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { evaluateLog } from "../../src/evaluation/Evaluate.ts";
import type { InteractionLog } from "../../src/evaluation/InteractionLog.ts";
import { htmlReport } from "../../src/evaluation/ReportHtml.ts";
import { formatReport } from "../../src/evaluation/ReportText.ts";
import {
  type Split,
  splitAtRandom,
  splitByDays,
  splitByFraction,
  splitLeaveLastOut,
} from "../../src/evaluation/Split.ts";
import { makeTrainingSet } from "../../src/evaluation/TrainingSet.ts";
import { scoredWarning, warningsOf } from "../../src/evaluation/Warnings.ts";
import { training } from "../support/Training.ts";
import { makeLogBuilder } from "./LogBuilder.ts";
import { day, makeShop, parameters } from "./Shop.ts";

const shop = makeShop(() => false);

const told = (log: InteractionLog, split: Split, changes: Partial<typeof parameters> = {}) =>
  warningsOf(log, split, makeTrainingSet(log, split.train), { ...parameters, ...changes });

/** The shop's events, and then what `more` adds. */
const shopAnd = (more: (add: (user: string, item: string, time: number) => void) => void): InteractionLog => {
  const builder = makeLogBuilder();
  const add = (user: string, item: string, time: number): void => builder.add(user, item, 2, 1, time);
  for (let at = 0; at < shop.length; at++) add(shop.userIds[shop.user[at]], shop.itemIds[shop.item[at]], shop.time[at]);
  more(add);
  return builder.finish();
};
const lastDay = 19_029 * day;

describe("warnings", () => {
  it("are none where nothing is wrong", () => {
    for (const days of [2, 5, 15]) expect(told(shop, splitByDays(shop, days))).toEqual([]);
    expect(told(shop, splitByFraction(shop, 0.8))).toEqual([]);
  });

  const one = (warnings: ReadonlyArray<string>, what: RegExp): void =>
    expect(warnings).toEqual([expect.stringMatching(what)]);

  it("tell of one time, and of one day", () => {
    const at = (time: (before: number) => number): InteractionLog => ({ ...shop, time: shop.time.map(time) });
    const split = splitByFraction(shop, 0.8);
    one(
      told(
        at(() => 1e9),
        split,
      ),
      /have one time.*EVALUATE_SPLIT=leave-last-out\)$/,
    );
    one(
      told(
        at((time) => 19_000 * day + time / 30_000),
        split,
      ),
      /are of one day \(2022-01-08\)/,
    );
  });

  it("tell of a random split, which looks into the future", () => {
    one(told(shop, splitAtRandom(shop, 0.8, 1), { split: "random" }), /drawn at random.*seen what came after/);
  });

  it("tell of each user's last one, before which others did more, unless times are not known", () => {
    const split = splitLeaveLastOut(shop);
    one(told(shop, split, { split: "leave-last-out" }), /last interaction is tested.*what others did after it/);
    const timeless = { ...shop, time: shop.time.map(() => 1e9) };
    one(told(timeless, split, { split: "leave-last-out" }), /have one time.*--timestamp COLUMN`\)$/);
  });

  it("tell of test users who are all new", () => {
    const log = shopAnd(() => {});
    const renamed = { ...log, user: log.user.map((user, at) => (log.time[at] < 19_025 * day ? user : user + 160)) };
    const ids = [...log.userIds, ...log.userIds.map((id) => `${id} again`)];
    one(told({ ...renamed, userIds: ids }, splitByDays(log, 5)), /none of the \d+ test users is in the train part/);
  });

  it("tell of test users who are mostly new, and not of half of them", () => {
    const log = shopAnd(() => {});
    const ids = [...log.userIds, ...log.userIds.map((id) => `${id} again`)];
    const tellOf = (isNew: (user: number) => boolean): ReadonlyArray<string> => {
      const user = log.user.map((one, at) => (log.time[at] >= 19_025 * day && isNew(one) ? one + 160 : one));
      return told({ ...log, user, userIds: ids }, splitByDays(log, 5));
    };
    const tested = new Set([...splitByDays(log, 5).test].map((at) => log.user[at]));
    const half = new Set([...tested].slice(0, tested.size / 2));
    const [most] = [...tested].slice(half.size);
    expect(tellOf((user) => half.has(user))).toEqual([]);
    one(
      tellOf((user) => half.has(user) || user === most),
      new RegExp(`^${half.size + 1} of the ${tested.size} test users are not in the train part: offline`),
    );
  });

  it("tell of a silence before the tested days that is longer than they are, and than a month", () => {
    const late = (days: number) => {
      const time = shop.time.map((before) => (before < 19_025 * day ? before : before + days * day));
      const log = { ...shop, time };
      return told(log, splitByDays(log, 5));
    };
    expect(late(29)).toEqual([]);
    one(
      late(40),
      /^between the newest event of the train part \(2022-02-01\) and the first that is tested \(2022-03-14\) lie 41 days/,
    );
    const far = {
      ...shop,
      time: shop.time.map((before) =>
        before < 19_010 * day ? before : before + (30 * day * (before - 19_000 * day)) / day,
      ),
    };
    expect(told(far, splitByFraction(far, 0.33)).filter((warning) => warning.startsWith("between"))).toEqual([]);
  });

  it("tell of an item that is most of what is tested", () => {
    const { item } = shop;
    const split = splitByDays(shop, 5);
    const test = new Set(split.test);
    const of = (share: number) => {
      const most = item.map((one, at) => (test.has(at) && at % 100 < share ? item[0] : one));
      return told({ ...shop, item: most }, split).filter((warning) => warning.includes("one item"));
    };
    expect(of(40)).toEqual([]);
    one(
      of(60),
      new RegExp(
        `^[56]\\d % of the test interactions that can be found are of one item \\(${shop.itemIds[item[0]]}\\)`,
      ),
    );
  });

  it("tell of users who come once", () => {
    const log = shopAnd((add) => {
      for (let n = 0; n < 3000; n++) add(`once ${n}`, `item 0/${n % 40}`, 19_010 * day + n);
    });
    one(told(log, splitByDays(log, 5)), /9\d % of the users have a single interaction/);
  });

  it("tell of a train part that is tiny, and of one that is a small share", () => {
    one(told(shop, splitByDays(shop, 26)), /train part has only \d+ interactions on \d+ items/);
    const log = shopAnd((add) => {
      for (let n = 0; n < 9000; n++) add(`user ${n % 160}`, `item ${n % 4}/${n % 71}`, lastDay + n);
    });
    const warnings = told(log, splitByDays(log, 1), { repeats: true });
    expect(warnings).toContainEqual(expect.stringMatching(/learnt from 1\d % of the interactions alone/));
  });

  it("tell of too few test interactions", () => {
    const log = { ...shop, time: shop.time.map((time, at) => (at < shop.length - 80 ? time : time + 10 * day)) };
    one(told(log, splitByDays(log, 5)), /only 80 interactions of \d+ users: a share is known to ±\d+ points/);
  });

  it("tell of one user who is much of the test part, by name", () => {
    const log = shopAnd((add) => {
      for (let n = 0; n < 400; n++) add("robot", `item ${n % 4}/${n % 60}`, lastDay + n);
    });
    const warnings = told(log, splitByDays(log, 5));
    expect(warnings[0]).toMatch(/% of the test interactions are of one user \(robot\)/);
  });

  it("tell of repeats, by what is done with them", () => {
    const log = shopAnd((add) => {
      for (let n = 0; n < 160; n++)
        for (let again = 0; again < 4; again++) add(`user ${n}`, `item ${n % 4}/0`, lastDay + 5 * n + again);
    });
    const split = splitByDays(log, 5);
    one(
      told(log, split),
      /\d+ % of the test interactions are of items that the same user had before; they are left out/,
    );
    one(told(log, split, { repeats: true }), /figures tell mostly how well a learner repeats/);
  });

  it("tell of items that the train part does not know", () => {
    const log = shopAnd((add) => {
      for (let n = 0; n < 600; n++) add(`user ${n % 160}`, `new ${n % 50}`, lastDay + n);
    });
    one(
      told(log, splitByDays(log, 5)),
      /\d+ % of the test interactions are of items that the train part does not know/,
    );
  });

  it("tell of a list that is long for the catalogue", () => {
    const items = new Set(shop.itemIds).size;
    const k = Math.ceil(items / 2);
    one(
      told(shop, splitByDays(shop, 5), { k }),
      /a list of \d+ is long for a catalogue of \d+ items: chance finds 5\d %/,
    );
  });

  it.effect("tell of few that could be scored of many, in the end", () =>
    Effect.gen(function* () {
      const report = yield* evaluateLog(shop, { ...parameters, maxUsers: 30 }).pipe(Effect.provide(training));
      expect(report.warnings).toEqual([
        expect.stringMatching(/only \d+ events of \d+ users could be scored: .*±\d+ points/),
      ]);
      expect(scoredWarning({ events: 90, users: 90 }, { interactions: 90, users: 90 })).toBeUndefined();
      expect(scoredWarning({ events: 900, users: 100 }, { interactions: 1000, users: 200 })).toBeUndefined();
    }),
  );

  it.effect("are told on the terminal and on the page; of one time also where nothing can be trained on", () =>
    Effect.gen(function* () {
      const once = { ...shop, time: shop.time.map(() => 1e9) };
      const run = (changes: Partial<typeof parameters>) =>
        evaluateLog(once, { ...parameters, ...changes }).pipe(Effect.provide(training));
      const report = yield* run({ split: "fraction" });
      for (const text of [formatReport(report), htmlReport(report)]) expect(text).toContain("Warning: all 1,");
      expect((yield* Effect.flip(run({ split: "time" }))).message).toMatch(/have one time/);
    }),
  );
});
