import { describe, expect, it } from "@effect/vitest";
import { nothingShown, unpackShown } from "../../src/domain/ShownItems.ts";
import { makeRecent, remember, rememberedSeconds } from "../../src/learning/Recent.ts";
import { markShown } from "../../src/learning/Shown.ts";

const acted = { id: 1, arrival: 1000, time: 990, itemIdx: 7, type: 2 };
const remembering = () => {
  const recent = makeRecent(new Float64Array(0));
  remember(recent, acted, 0);
  return recent;
};
const impression = { id: 9, arrival: 1100, time: 980, itemIdx: 7 };
const counted = (time: number) => [{ itemIdx: 7, last: time, count: 1 }];

describe("an impression", () => {
  it("counts for nothing where something was done to the item at its time or later, and is no retry when it comes again", () => {
    const recent = remembering();
    for (const time of [980, 990]) {
      expect(markShown(nothingShown, recent, { ...impression, time })).toBe(nothingShown);
    }
    const later = markShown(nothingShown, recent, { ...impression, time: 991 });
    expect(unpackShown(later ?? nothingShown)).toEqual(counted(991));
    const other = markShown(nothingShown, recent, { ...impression, itemIdx: 8 });
    expect(unpackShown(other ?? nothingShown)).toEqual([{ itemIdx: 8, last: 980, count: 1 }]);
  });

  it("counts where what was done to the item arrived a day or more before it", () => {
    const recent = remembering();
    const last = markShown(nothingShown, recent, { ...impression, arrival: 1000 + rememberedSeconds - 1 });
    expect(last).toBe(nothingShown);
    const late = markShown(nothingShown, recent, { ...impression, arrival: 1000 + rememberedSeconds });
    expect(unpackShown(late ?? nothingShown)).toEqual(counted(980));
  });

  it("is a retry by the low 32 bits of its key", () => {
    const recent = makeRecent(new Float64Array(0));
    const once = markShown(nothingShown, recent, impression) ?? nothingShown;
    expect(markShown(once, recent, { ...impression, id: 2 ** 40 + 9 })).toBeUndefined();
    expect(unpackShown(markShown(once, recent, { ...impression, id: 10 }) ?? once)).toEqual([
      { itemIdx: 7, last: 980, count: 2 },
    ]);
  });
});
