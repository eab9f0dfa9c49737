import { expect, it } from "@effect/vitest";
import fc from "fast-check";
import { besideFollowers, selected } from "../../src/learning/Stages.ts";

const rows = fc.array(fc.nat(30), { maxLength: 20 });
const itself = (row: number): number => row;

it("lists the first k that may be listed, of one source after another, each once", () => {
  fc.assert(
    fc.property(
      fc.record({ own: rows, popular: rows, rest: rows }),
      fc.uniqueArray(fc.nat(30)),
      fc.integer({ min: 1, max: 50 }),
      (sources, left, k) => {
        const { own, popular, rest } = sources;
        const wanted = [...new Set([...own, ...popular, ...rest])].filter((row) => !left.includes(row));
        expect(selected(k, sources, (row) => !left.includes(row), itself)).toEqual(wanted.slice(0, k));
      },
    ),
  );
});

it("looks at no more candidates than there is room for", () => {
  let asked = 0;
  const endless = (function* (): Iterable<number> {
    for (let row = 0; ; row++) {
      asked++;
      yield row;
    }
  })();
  const never = (function* (): Iterable<number> {
    expect.unreachable();
    yield 0;
  })();
  expect(selected(3, { own: endless, popular: never, rest: never }, (row) => row !== 1, itself)).toEqual([0, 2, 3]);
  expect(asked).toBe(4);
});

it("takes more candidates for a longer list, and none of a source without weight", () => {
  const both = { taste: 0.2, popularity: 0.3 };
  expect(besideFollowers(both, 10)).toEqual({ near: 50, trending: 30 });
  expect(besideFollowers(both, 50)).toEqual({ near: 100, trending: 100 });
  expect(besideFollowers({ taste: 0, popularity: 0 }, 10)).toEqual({ near: 0, trending: 0 });
});
