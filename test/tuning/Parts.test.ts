import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import type { InteractionLog } from "../../src/evaluation/InteractionLog.ts";
import { fingerprintOf, logUntil, partsOf, rungUsers, sampleOf, usersOf } from "../../src/tuning/Parts.ts";
import { notParted, tooLittle } from "../../src/tuning/Problems.ts";
import { makeLogBuilder } from "../evaluation/LogBuilder.ts";
import { makeShop } from "../evaluation/Shop.ts";

const logOf = (times: ReadonlyArray<number>): InteractionLog => {
  const builder = makeLogBuilder();
  for (const [at, time] of [...times].sort((a, b) => a - b).entries()) {
    builder.add(`u${at % 7}`, `i${at % 5}`, 2, 1, time);
  }
  return builder.finish();
};

describe("partsOf", () => {
  it("parts by time, the newest events apart from those that are searched on, and those of one time never", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 200 }), (times) => {
        const log = logOf(times);
        const parts = partsOf(log);
        expect(parts === undefined).toBe(new Set(times).size < 3);
        if (parts === undefined) return;
        const { search, validation } = parts;
        const of = (positions: Uint32Array) => Array.from(positions, (at) => log.time[at]);
        expect([...search.train, ...search.test]).toEqual([...validation.train]);
        expect([...validation.train, ...validation.test]).toEqual(Array.from({ length: log.length }, (_, at) => at));
        expect(Math.max(...of(search.train))).toBeLessThan(Math.min(...of(search.test)));
        expect(Math.max(...of(search.test))).toBeLessThan(Math.min(...of(validation.test)));
      }),
    );
  });

  it("takes about 15 % for each where times allow it", () => {
    const parts = partsOf(logOf(Array.from({ length: 1000 }, (_, at) => at)));
    expect([parts?.search.train.length, parts?.search.test.length, parts?.validation.test.length]).toEqual([
      700, 150, 150,
    ]);
  });
});

describe("problems", () => {
  it("tell of one time, of two, and of too few events, with numbers and remedies", () => {
    expect(notParted(logOf([5, 5, 5])).message).toMatch(/all 3 interactions have one time.*import --timestamp/);
    expect(notParted(logOf([5, 5, 9])).message).toMatch(/have only 2 different times/);
    const few = logOf(Array.from({ length: 300 }, (_, at) => at));
    const parts = partsOf(few);
    const problem = parts && tooLittle(few, parts);
    expect(problem?.reason).toBe("TooLittle");
    expect(problem?.message).toMatch(/300 interactions.*45 events of 7 shoppers.*about 900 interactions/);
    const shop = makeShop(() => false);
    const enough = partsOf(shop);
    expect(enough && tooLittle(shop, enough)).toBeUndefined();
  });
});

describe("a sample", () => {
  const shop = makeShop(() => false);

  it("has all interactions of its shoppers and none of others, about as many as wanted", () => {
    const sample = sampleOf(shop, 800, 3);
    expect(sample.length).toBeGreaterThan(500);
    expect(sample.length).toBeLessThan(1100);
    const known = new Set(sample.userIds);
    const rows = ({ item, itemIds, length, time, user, userIds }: InteractionLog) =>
      Array.from({ length }, (_, at) => `${userIds[user[at]]} ${itemIds[item[at]]} ${time[at]}`);
    expect(rows(sample)).toEqual(rows(shop).filter((row) => known.has(row.split(" ").slice(0, 2).join(" "))));
    expect(sampleOf(shop, shop.length, 3)).toBe(shop);
    expect(sampleOf(shop, 800, 4).userIds).not.toEqual(sample.userIds);
  });

  it("of rungs parts the shoppers", () => {
    const parts = partsOf(shop);
    const test = parts?.search.test ?? new Uint32Array();
    const users = usersOf(shop, test);
    const rungs = rungUsers(shop, test, [1 / 9, 2 / 9, 6 / 9], 1, users.length);
    const all = rungs.flatMap((rung) => [...rung]);
    expect(new Set(all)).toEqual(new Set(users));
    expect(all.length).toBe(users.length);
    expect(rungs[0].size).toBeCloseTo(users.length / 9, -1);
    expect(rungUsers(shop, test, [1], 1, 10)[0].size).toBe(10);
  });
});

describe("a fingerprint", () => {
  it("changes with what happened and what is listed, and not with what came since", () => {
    const shop = makeShop(() => false);
    const one = fingerprintOf(shop);
    expect(fingerprintOf(makeShop(() => false))).toBe(one);
    expect(fingerprintOf({ ...shop, available: shop.available.map((_, item) => (item === 3 ? 0 : 1)) })).not.toBe(one);
    expect(fingerprintOf({ ...shop, time: shop.time.map((time) => time + 1) })).not.toBe(one);
    expect(fingerprintOf({ ...shop, length: shop.length - 1 })).not.toBe(one);
    const builder = makeLogBuilder();
    for (let at = 0; at < shop.length; at++) {
      builder.add(
        shop.userIds[shop.user[at]],
        shop.itemIds[shop.item[at]],
        shop.type[at],
        shop.weight[at],
        shop.time[at],
      );
    }
    const until = shop.time[shop.length - 1];
    builder.add("new", "item 1", 2, 1, until + 5);
    expect(fingerprintOf(logUntil(builder.finish(), until))).toBe(one);
  });
});
