import { expect, it } from "@effect/vitest";
import { Effect, Stream } from "effect";
import fc from "fast-check";
import { Store } from "../../../../layers/engines/lmdb/Store.ts";
import { stateOfBase, writeUsers } from "../../../../layers/UserStates/embedded/Base.ts";
import { foundIn, isBits, makeIdIndex, sought } from "../../../../layers/UserStates/embedded/IdIndex.ts";
import { baseKey, indexKey, pageKey, pagesKey } from "../../../../layers/UserStates/embedded/Keys.ts";
import { baseOf, divisionOf, loadedBase } from "../../../../layers/UserStates/embedded/Lookup.ts";
import { noItems } from "../../../../src/domain/ItemSet.ts";
import { noEvents } from "../../../../src/domain/RecentEvents.ts";
import { nothingShown } from "../../../../src/domain/ShownItems.ts";
import { loadedUsers } from "../../../support/LoadedUsers.ts";
import { temporaryStore } from "../../engines/lmdb/temporary.ts";

const nothing = { interactions: [], bought: noItems, hidden: noItems, shown: nothingShown, recent: noEvents };

const ids = fc.oneof(
  fc.uniqueArray(fc.string({ unit: "grapheme", maxLength: 70 }), { maxLength: 300 }),
  // As shops have them: numbers one after the other, or with a prefix.
  fc
    .record({ prefix: fc.string({ maxLength: 3 }), from: fc.nat(1e9), count: fc.nat(5000) })
    .map(({ count, from, prefix }) => Array.from({ length: count }, (_, i) => `${prefix}${from + i}`)),
);

it("finds every id at its index, on pages of much the same length", () => {
  fc.assert(
    fc.property(ids, fc.nat(1e6), (all, first) => {
      const index = makeIdIndex(first);
      for (const id of all) index.add(id);
      const bits = index.bits();
      expect(isBits(Uint8Array.of(bits))).toBe(true);
      const pages = new Map<number, Uint8Array>();
      for (const [page, bytes] of index.pages(bits)) pages.set(page, Uint8Array.from(bytes));
      all.forEach((id, i) => {
        const place = sought(id, bits);
        expect(foundIn(pages.get(place.page)!, place)).toContain(first + i);
      });
      for (const [, bytes] of pages) expect(bytes.length).toBeLessThan(8 * 256);
    }),
    { numRuns: 60 },
  );
});

it.scopedLive("knows the users of a load, no others, and those that version 0.2 kept by their ids", () =>
  Effect.gen(function* () {
    const store = yield* Store;
    const { states } = store.tables;
    const users = Array.from({ length: 3000 }, (_, i) => `customer ${i}`);
    const loaded = users.map((userId, userIdx) => {
      return { userId, userIdx, vector: Float32Array.of(userIdx, 1), ...nothing };
    });
    yield* writeUsers(store, 7, Stream.make(loadedUsers(loaded.slice(0, 20)), loadedUsers(loaded.slice(20))));
    const stateOf = (id: string) => {
      const found = loadedBase(states, 7, id, divisionOf(states, 7));
      return typeof found === "object" ? Buffer.from(stateOfBase(found) ?? []).toString("hex") : found;
    };
    const found = yield* store.read(() => users.map(stateOf));
    const stored = yield* store.read(() =>
      users.map((_, i) => Buffer.from(stateOfBase(baseOf(states, 7, i)!)!).toString("hex")),
    );
    expect(found).toEqual(stored);
    expect(yield* store.read(() => stateOf("customer 3000"))).toBeUndefined();

    const place = sought("customer 5", 5);
    const page = yield* store.read(() => states.get(pageKey(7, place.page))!);
    for (const [key, bytes, undone] of [
      [pagesKey(7), [33], [5]],
      [pagesKey(7), [], [5]],
      [pageKey(7, place.page), [0], page],
      [pageKey(7, place.page), [], page],
    ] as const) {
      yield* store.write(() => states.put(key, Buffer.from(bytes)));
      expect(yield* store.read(() => stateOf("customer 5"))).toBe("damaged");
      yield* store.write(() => states.put(key, Buffer.from(undone)));
    }
    expect(yield* store.read(() => stateOf("customer 5"))).toBe(stored[5]);

    const kept = yield* store.read(() => Buffer.from(baseOf(states, 7, 5)!));
    yield* store.write(() => {
      states.remove(pagesKey(7));
      states.put(indexKey(7, "customer 5"), Buffer.of(5, 0, 0, 0));
      states.put(baseKey(7, 5), kept);
      states.put(indexKey(7, "customer 6"), Buffer.of(6));
    });
    expect(yield* store.read(() => ["customer 5", "customer 6", "customer 7"].map(stateOf))).toEqual([
      stored[5],
      "damaged",
      undefined,
    ]);
  }).pipe(Effect.provide(temporaryStore)),
);
