/** Trends by any half-life: what the batch counted and the stream since, against the plain sum over all events. */
import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import { decodeTrend, encodeTrend } from "../../layers/UserStates/TrendCodec.ts";
import { rungs } from "../../src/domain/TrendLadder.ts";
import { type BatchLadder, mergeLadders } from "../../src/learning/MergeLadders.ts";
import { advanceTrend, type TrendEvent } from "../../src/learning/Trending.ts";
import { addToRungs, halfLifeOfRung, keptLadderItems, mixtureOf } from "../../src/learning/TrendLadder.ts";
import type { PartitionTrend } from "../../src/ports/UserStates.ts";

const hour = 3_600;
const items = 12;
/** What an event may count more or less than by the half-life, of an event of now. */
const error = 0.018;
const own = 36 * hour;
const start = 1_000 * 24 * hour;

const event = fc.record({
  itemIdx: fc.nat(items - 1),
  weight: fc.constantFrom(0.1, 0.5, 1),
  time: fc.oneof(fc.nat(40), fc.nat(3_000), fc.nat(9_000)).map((hours) => start + 0.25 * hour * hours),
});
const events = fc.array(event, { minLength: 1, maxLength: 60 });
const halfLives = fc.oneof(
  fc.integer({ min: 1, max: 8_760 }).map((hours) => hours * hour),
  fc.nat(12).map(halfLifeOfRung),
);

/** In the store after each batch, and read again: as a replay and a restart have it. */
const inBatches = (list: ReadonlyArray<TrendEvent>, size: number): PartitionTrend | undefined => {
  let trend: PartitionTrend | undefined;
  for (let at = 0; at < list.length; at += size) {
    const next = BigInt(Math.min(list.length, at + size));
    trend = decodeTrend(encodeTrend(advanceTrend(trend, list.slice(at, at + size), next, own)));
  }
  return trend;
};

const batchOf = (list: ReadonlyArray<TrendEvent>): BatchLadder => {
  const asOf = list.length === 0 ? 0 : Math.max(...list.map(({ time }) => time));
  const [sums, totals] = [new Float64Array(items * rungs), new Float64Array(rungs)];
  for (const { itemIdx, time, weight } of list) {
    addToRungs(sums, itemIdx * rungs, weight, time - asOf);
    addToRungs(totals, 0, weight, time - asOf);
  }
  return { sums: Float32Array.from(sums), totals, asOf, halfLife: own };
};

const rows = Uint32Array.from({ length: items }, (_, row) => row);
const merged = (batch: BatchLadder, trends: ReadonlyArray<PartitionTrend>, halfLife: number) =>
  mergeLadders(batch, trends, rows, (item) => item, halfLife);

/** Each item's weight by the formula, as of the newest event. */
const naive = (list: ReadonlyArray<TrendEvent>, halfLife: number) => {
  const newest = Math.max(...list.map(({ time }) => time));
  const sums = new Float64Array(items);
  for (const { itemIdx, time, weight } of list) sums[itemIdx] += weight * 2 ** ((time - newest) / halfLife);
  return sums;
};

describe("a half-life between rungs", () => {
  it("counts an event of any age as it should, but for the error, and exactly on a rung", () => {
    for (let hours = 1; hours <= 8_760; hours = Math.ceil(hours * 1.07)) {
      const mixture = mixtureOf(hours * hour);
      expect(mixture.reduce((sum, { part }) => sum + part, 0)).toBeCloseTo(1, 12);
      for (let age = 0; age < 12; age += 0.05) {
        const counts = mixture.reduce((sum, { part, rung }) => sum + part * 2 ** ((-age * hours * hour) / halfLifeOfRung(rung)), 0); // biome-ignore format: one line
        expect(Math.abs(counts - 2 ** -age)).toBeLessThan(error);
      }
    }
    for (let rung = 0; rung < rungs - 1; rung++) {
      expect(mixtureOf(halfLifeOfRung(rung))).toEqual([{ rung, part: 1 }]);
    }
  });
});

describe("trends by any half-life", () => {
  it("are the decayed sums over all events, in batch and partitions, but for the error of each", () => {
    const shop = fc.record({
      history: fc.array(event, { maxLength: 30 }),
      partitions: fc.array(events, { minLength: 1, maxLength: 3 }),
      size: fc.integer({ min: 1, max: 20 }),
      halfLife: halfLives,
    });
    fc.assert(
      fc.property(shop, ({ halfLife, history, partitions, size }) => {
        // The stream goes on where the batch ended: so no silence is cut short.
        const end = history.length === 0 ? 0 : Math.max(...history.map(({ time }) => time));
        const since = partitions.map((list) => [{ itemIdx: 0, weight: 0.1, time: Math.max(end, start) }, ...list]);
        const all = [...history, ...since.flat()];
        const trends = since.map((list) => inBatches(list, size)!);
        const found = merged(batchOf(history), trends, halfLife)!;
        const wanted = naive(all, halfLife);
        const isRung = mixtureOf(halfLife).length === 1;
        const weights = new Float64Array(items);
        for (const { itemIdx, weight } of all) weights[itemIdx] += weight;
        const off = (weight: number) => (isRung ? 1e-5 : error) * weight + 1e-5;
        Array.from(found.scores).forEach((score, item) => {
          expect(Math.abs(score - wanted[item])).toBeLessThanOrEqual(off(weights[item]));
        });
        const sum = (of: Float64Array) => of.reduce((total, one) => total + one, 0);
        expect(Math.abs(found.total - sum(wanted))).toBeLessThanOrEqual(off(sum(weights)));
        expect(found.most).toBe(Math.max(...Array.from(found.scores)));
      }),
      { numRuns: 300 },
    );
  });

  it("do not depend on how events were batched, to the bit, also where items fall out", () => {
    const many = fc.integer({ min: 1, max: 1e9 }).map((seed) =>
      Array.from({ length: 4 * keptLadderItems }, (_, i) => ({
        itemIdx: (i * seed) % 1_999,
        weight: i % 2 === 0 ? 1 : 0.1,
        time: start + ((i * 7_919) % (300 * hour)),
      })),
    );
    fc.assert(
      fc.property(fc.oneof(events, many), fc.integer({ min: 1, max: 200 }), (list, size) => {
        expect(inBatches(list, size)!.ladder).toEqual(inBatches(list, list.length)!.ladder);
      }),
      { numRuns: 60 },
    );
  });

  it("keep what weighs most by some half-life, and of all others what they weigh together", () => {
    const old = Array.from({ length: 40 }, (_, itemIdx) =>
      Array.from({ length: 50 }, (_, i) => ({ itemIdx, weight: 1, time: start + i })),
    ).flat();
    const later = start + 2_000 * hour;
    const others = Array.from({ length: 5_000 }, (_, i) => ({ itemIdx: 100 + i, weight: 0.1, time: later }));
    const newest = Array.from({ length: 20 }, (_, i) => ({ itemIdx: 50 + i, weight: 1, time: later }));
    const { ladder } = inBatches([...old, ...newest, ...others], 64)!;
    expect(ladder!.items.length).toBeGreaterThanOrEqual(keptLadderItems);
    expect(ladder!.items.length).toBeLessThanOrEqual(1.5 * keptLadderItems);
    const kept = new Set(ladder!.items);
    for (const { itemIdx } of [...old, ...newest]) expect(kept.has(itemIdx)).toBe(true);
    expect(ladder!.totals[0]).toBeCloseTo(20 + 500, 6);
  });

  it("are not told where some events came before there were ladders", () => {
    const list = [{ itemIdx: 3, weight: 1, time: start }];
    const { ladder, ...before } = inBatches(list, 1)!;
    expect(ladder!.items).toEqual(Uint32Array.of(3));
    const after = advanceTrend(before, list, 2n, own);
    expect(after.ladder).toBeUndefined();
    expect(merged(batchOf(list), [after], hour)).toBeUndefined();
  });

  it("count a silence between batch and stream as the model's own half-life at most", () => {
    const trend = inBatches([{ itemIdx: 1, weight: 1, time: start + 5_000 * hour }], 1)!;
    const found = merged(batchOf([{ itemIdx: 0, weight: 1, time: start }]), [trend], 4 * hour)!;
    expect(found.scores[0]).toBeCloseTo(2 ** -(36 / 4), 9);
    expect(found.scores[1]).toBeCloseTo(1, 9);
  });
});
