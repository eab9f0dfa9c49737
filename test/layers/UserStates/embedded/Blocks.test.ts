import { expect, it } from "@effect/vitest";
import fc from "fast-check";
import { stateOfBase } from "../../../../layers/UserStates/embedded/Base.ts";
import {
  addUser,
  begin,
  blockOf,
  close,
  closedBlocks,
  makeBlocks,
  recordIn,
} from "../../../../layers/UserStates/embedded/Blocks.ts";
import { noItems } from "../../../../src/domain/ItemSet.ts";
import { noEvents } from "../../../../src/domain/RecentEvents.ts";
import { nothingShown } from "../../../../src/domain/ShownItems.ts";
import { decodeUserState } from "../../../../src/domain/UserStateCodec.ts";
import { loadedUsers } from "../../../support/LoadedUsers.ts";

/** Ids of any length, some longer than the buffer that blocks are made in, and where a batch ends. */
const script = fc.record({
  first: fc.constantFrom(0, 0, 5, 1000),
  users: fc.array(
    fc.record({
      letters: fc.oneof({ weight: 40, arbitrary: fc.nat(60) }, { weight: 1, arbitrary: fc.constant(6_000_000) }),
      isLast: fc.boolean(),
    }),
    { maxLength: 100 },
  ),
});

it("holds every user's record, whatever the batches, and nobody else's", () => {
  fc.assert(
    fc.property(script, ({ first, users }) => {
      let [blocks, spare] = [makeBlocks(), makeBlocks()];
      const written = new Map<number, Uint8Array>();
      const flush = () => {
        for (const [number, bytes] of closedBlocks(blocks)) written.set(number, Uint8Array.from(bytes));
        begin(spare, blocks);
        [blocks, spare] = [spare, blocks];
      };
      users.forEach(({ letters, isLast }, i) => {
        const user = { userIdx: first + i, userId: "x".repeat(letters), vector: Float32Array.of(i) };
        const loaded = loadedUsers([
          { ...user, interactions: [], bought: noItems, hidden: noItems, shown: nothingShown, recent: noEvents },
        ]);
        while (!addUser(blocks, loaded, 0)) flush();
        if (isLast) flush();
      });
      close(blocks);
      flush();
      const vectorOf = (userIdx: number) => {
        const record = recordIn(written.get(blockOf(userIdx)) ?? new Uint8Array(), userIdx);
        return record === undefined ? undefined : decodeUserState(stateOfBase(record) ?? new Uint8Array())?.vector?.[0];
      };
      expect(users.map((_, i) => vectorOf(first + i))).toEqual(users.map((_, i) => i));
      for (const beyond of [first - 1, first + users.length]) {
        if (beyond >= 0 && written.has(blockOf(beyond))) expect(vectorOf(beyond)).toBeUndefined();
      }
    }),
    { numRuns: 40 },
  );
});

it("tells what is no block", () => {
  expect(recordIn(Buffer.alloc(127), 3)).toEqual(new Uint8Array());
  const block = Buffer.alloc(160);
  expect(recordIn(block, 3)).toBeUndefined();
  block.writeUInt32LE(33, 12);
  expect(recordIn(block, 3)).toEqual(new Uint8Array());
  expect(recordIn(block, 4)).toEqual(new Uint8Array());
});
