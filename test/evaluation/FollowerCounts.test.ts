import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { countFollowers, countOn } from "../../src/evaluation/FollowerCounts.ts";
import { makeTrainingSet } from "../../src/evaluation/TrainingSet.ts";
import { type FollowersOf, followersOf } from "../../src/learning/FollowerLists.ts";
import { makeLogBuilder } from "./LogBuilder.ts";

const users = 4;
const visits = fc.array(fc.record({ user: fc.nat(users - 1), item: fc.nat(7) }), { minLength: 1, maxLength: 120 });

/** C[a→b] in millionths, by the definition: `a b` to the count, and `a` to the total. */
const naive = (histories: ReadonlyArray<ReadonlyArray<number>>, counted: (user: number, at: number) => boolean) => {
  const sums = new Map<string, number>();
  histories.forEach((history, user) => {
    history.forEach((after, at) => {
      if (!counted(user, at)) return;
      for (let lag = 1; lag <= 20 && lag <= at; lag++) {
        const millionths = Math.round(1e6 * 0.8 ** (lag - 1));
        for (const key of [`${history[at - lag]} ${after}`, `${history[at - lag]}`]) {
          sums.set(key, (sums.get(key) ?? 0) + millionths);
        }
      }
    });
  });
  return sums;
};

const listed = (lists: FollowersOf, rows: number): Map<string, number> => {
  const found = new Map<string, number>();
  for (let row = 0; row < rows; row++) {
    const list = lists(row);
    if (list === undefined) continue;
    if (list.total > 0) found.set(`${row}`, list.total);
    for (let at = list.from; at < list.to; at++) found.set(`${row} ${list.items[at]}`, list.counts[at]!);
  }
  return found;
};

describe("countFollowers and countOn", () => {
  it("count each event once, before the cut and after it", () =>
    fc.assert(
      fc.property(visits, fc.double({ min: 0.1, max: 1, noNaN: true }), (script, share) => {
        const builder = makeLogBuilder();
        for (const [at, { item, user }] of script.entries()) builder.add(`u${user}`, `i${item}`, 2, 1, at);
        const log = builder.finish();
        const train = Uint32Array.from({ length: Math.ceil(log.length * share) }, (_, at) => at);
        const set = makeTrainingSet(log, train);
        const histories = Array.from({ length: users }, (_, user) =>
          [...log.user.keys()].filter((at) => log.user[at] === user && set.rowOf[log.item[at]!]! >= 0),
        );
        const rows = histories.map((history) => history.map((at) => set.rowOf[log.item[at]!]!));
        const isTrained = (user: number, at: number): boolean => histories[user]![at]! < train.length;

        const trained = followersOf(countFollowers(log, train, set));
        const before = listed(trained, set.items);
        expect(before).toEqual(naive(rows, isTrained));

        const { count, followersOf: counted } = countOn(trained);
        histories.forEach((history, user) => {
          history.forEach((_, at) => {
            if (isTrained(user, at)) return;
            count(rows[user]!.slice(0, at + 1).map((itemIdx, time) => ({ itemIdx, type: 2, time })));
          });
        });
        expect(listed(counted, set.items)).toEqual(naive(rows, () => true));
        expect(listed(trained, set.items)).toEqual(before);
      }),
    ));
});
