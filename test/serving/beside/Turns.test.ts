import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeTurns, type Own, type Taker } from "../../../src/serving/beside/Turns.ts";

/** A process that has so many parts at most, and says by which numbers it was asked. */
const makeTaker = (most: number) => {
  const parts: Array<number> = [];
  const taker: Taker<number> = {
    load: () => (parts.length < most ? parts.length : undefined),
    take: (part) => void parts.push(part),
  };
  return { taker, parts };
};

const ownOf = (): Own => ({ isBusy: false });

describe("Turns", () => {
  it("gives parts to who has nothing to do, then to this process, then to who has room", () => {
    const [one, other] = [makeTaker(2), makeTaker(2)];
    const turns = makeTurns(() => [one.taker, other.taker]);
    const own = ownOf();
    const by: Array<string> = [];
    for (let part = 0; part < 6; part++) {
      turns.join({ own, part, told: (who) => by.push(who === "here" ? "here" : who === one.taker ? "one" : "other") });
    }
    expect(by).toEqual(["one", "other", "here", "one", "other"]);
    other.parts.pop();
    turns.settle();
    expect(by).toEqual(["one", "other", "here", "one", "other", "other"]);
  });

  it("gives what is to be answered here to nobody else, a part of each batch at a time", () => {
    const idle = makeTaker(2);
    const turns = makeTurns(() => [idle.taker]);
    const [own, another] = [ownOf(), ownOf()];
    const told: Array<string> = [];
    turns.join({ own, part: undefined, told: (by) => told.push(`first ${by}`) });
    turns.join({ own, part: undefined, told: (by) => told.push(`second ${by}`) });
    turns.join({ own: another, part: undefined, told: (by) => told.push(`another's ${by}`) });
    expect(told).toEqual(["first here", "another's here"]);
    turns.answered(own);
    expect(told).toEqual(["first here", "another's here", "second here"]);
    expect(idle.parts).toEqual([]);
  });

  it("answers each part once, whoever comes and goes, but those that leave", () => {
    const step = fc.constantFrom("join", "join", "join", "leave", "here", "taken");
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const taker = makeTaker(2);
        const turns = makeTurns(() => [taker.taker]);
        const own = ownOf();
        const waiting: Array<Parameters<typeof turns.join>[0]> = [];
        const told = new Map<number, number>();
        let left = 0;
        let joined = 0;
        for (const one of steps) {
          if (one === "join") {
            const part = joined++;
            const waiter = {
              own,
              part,
              told: () => {
                told.set(part, (told.get(part) ?? 0) + 1);
                waiting.splice(waiting.indexOf(waiter), waiting.includes(waiter) ? 1 : 0);
              },
            };
            waiting.push(waiter);
            turns.join(waiter);
          } else if (one === "leave") {
            const waiter = waiting.pop();
            if (waiter !== undefined) {
              left += 1;
              turns.leave(waiter);
            }
          } else if (one === "here") {
            if (own.isBusy) turns.answered(own);
          } else {
            taker.parts.pop();
            turns.settle();
          }
        }
        while (own.isBusy) turns.answered(own);
        expect(told.size).toBe(joined - left);
        expect([...told.values()].every((times) => times === 1)).toBe(true);
      }),
    );
  });
});
