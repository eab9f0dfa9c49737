import { expect, it } from "@effect/vitest";
import fc from "fast-check";
import { makeIdList, nearlySorted } from "../../../../layers/UserStates/embedded/IdList.ts";

const listOf = (ids: ReadonlyArray<string>) => {
  const list = makeIdList();
  ids.forEach((id, place) => {
    expect(Buffer.from(list.add(id, 7 * place)).toString()).toBe(id);
  });
  return list;
};

const text = fc.string({ unit: "grapheme", maxLength: 12 });

it("keeps ids and their indices, however many and long they are", () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 40 }), fc.nat(3000), (short, length) => {
      const ids = [...short, "é".repeat(length), ...Array.from({ length }, (_, i) => `id ${i}`)];
      const list = listOf(ids);
      expect(list.count).toBe(ids.length);
      expect(list.size).toBe(Buffer.byteLength(ids.join("")));
      expect(ids.map((_, place) => Buffer.from(list.bytesOf(place)).toString())).toEqual(ids);
      expect(ids.map((_, place) => list.idxOf(place))).toEqual(ids.map((_, place) => 7 * place));
    }),
    { numRuns: 20 },
  );
});

it("sorts by eight bytes behind what all begin with, and keeps the order of equals", () => {
  fc.assert(
    fc.property(text, fc.array(text, { maxLength: 60 }), (prefix, ends) => {
      const ids = ends.map((end) => Buffer.from(prefix + end));
      const shared = ids.reduce((same, id) => {
        const end = id.findIndex((byte, i) => byte !== ids[0]![i]);
        return Math.min(same, end < 0 ? id.length : end);
      }, ids[0]?.length ?? 0);
      const keys = ids.map((id) => Buffer.concat([id.subarray(shared, shared + 8), Buffer.alloc(8)], 8));
      const expected = ids.map((_, place) => place).sort((a, b) => Buffer.compare(keys[a]!, keys[b]!));
      expect([...nearlySorted(listOf(ends.map((end) => prefix + end)))]).toEqual(expected);
    }),
  );
});
