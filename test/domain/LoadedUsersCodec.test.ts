import { expect, it } from "@effect/vitest";
import fc from "fast-check";
import { encodeItemSet, itemSetOf } from "../../src/domain/ItemSet.ts";
import { encodeParts, mostStateBytes, targetOf, writeState } from "../../src/domain/LoadedUsersCodec.ts";
import { packEvents } from "../../src/domain/RecentEvents.ts";
import { encodeShown, nothingShown, withShown } from "../../src/domain/ShownItems.ts";
import { emptyUserState } from "../../src/domain/UserState.ts";
import { encodeInteractions, encodeRecent, encodeUserState } from "../../src/domain/UserStateCodec.ts";
import { loadedUsers, pastOf } from "../support/LoadedUsers.ts";

const itemIdx = fc.oneof(fc.nat(300), fc.nat(0x7fffffff), fc.constant(0x7fffffff));
const type = fc.integer({ min: -1, max: 6 });
const time = fc.double({ noNaN: true });
const event = fc.record({
  id: fc.integer({ min: -1, max: 2 ** 53 - 1 }),
  arrival: time,
  time,
  itemIdx,
  type,
  counted: fc.boolean(),
});
const user = fc.record({
  userId: fc.string(),
  vector: fc.option(fc.float32Array({ noNaN: true, maxLength: 20 }), { nil: undefined }),
  interactions: fc.array(fc.record({ itemIdx, type, time }), { maxLength: 12 }),
  bought: fc.array(itemIdx, { maxLength: 12 }).map(itemSetOf),
  hidden: fc.array(itemIdx, { maxLength: 3 }).map(itemSetOf),
  shown: fc
    .array(
      fc.record({ item: itemIdx, time: fc.nat(2 ** 32 - 1), id: fc.option(fc.nat(2 ** 32 - 1), { nil: undefined }) }),
      {
        maxLength: 5,
      },
    )
    .map((all) => all.reduce((shown, { id, item, time }) => withShown(shown, item, time, id), nothingShown)),
  recent: fc.array(event, { maxLength: 4 }).map(packEvents),
});
const users = fc
  .tuple(fc.array(user, { minLength: 1, maxLength: 6 }), fc.nat(1e6))
  .map(([all, first]) => all.map((one, i) => ({ ...one, userIdx: first + i })));

it("makes the same bytes of a user's columns as of the state", () => {
  fc.assert(
    fc.property(users, fc.nat(9), (given, start) => {
      const columns = loadedUsers(given);
      const sizes = given.map((_, row) => mostStateBytes(columns, row));
      const target = targetOf(start + sizes.reduce((sum, size) => sum + size, 0));
      let at = start;
      given.forEach(({ bought, hidden, interactions, recent, shown, vector }, row) => {
        const end = writeState(target, at, columns, row);
        expect(end - at).toBeLessThanOrEqual(sizes[row]!);
        const state = { ...emptyUserState, vector, interactions, bought, hidden, shown, recent };
        expect(Buffer.from(target.bytes.subarray(at, end))).toEqual(Buffer.from(encodeUserState(state)));
        const parts = encodeParts(columns, row);
        expect(Buffer.from(parts.interactions)).toEqual(Buffer.from(encodeInteractions(interactions)));
        expect(Buffer.from(parts.recent)).toEqual(Buffer.from(encodeRecent(recent)));
        expect(Buffer.from(parts.bought)).toEqual(Buffer.from(encodeItemSet(bought)));
        expect(Buffer.from(parts.hidden)).toEqual(Buffer.from(encodeItemSet(hidden)));
        expect(Buffer.from(parts.shown)).toEqual(Buffer.from(encodeShown(shown)));
        expect(pastOf(columns.past, row)).toEqual({ interactions, bought, hidden, shown, recent });
        at = end;
      });
    }),
  );
});
