import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import type { Action } from "../../src/delta/Actions.ts";
import { checkpointActions } from "../../src/delta/Checkpoint.ts";
import { emptyState, replay } from "../../src/delta/LogState.ts";

const path = fc.constantFrom("a", "b", "c", "d");
export const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    add: fc.record({ path, size: fc.nat(), modificationTime: fc.nat(), dataChange: fc.constant(false) }),
  }),
  fc.record({ remove: fc.record({ path, deletionTimestamp: fc.nat(), dataChange: fc.constant(false) }) }),
  fc.record({ txn: fc.record({ appId: path, version: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }) }) }),
  fc.record({ metaData: fc.record({ id: path, schemaString: path }) }),
  fc.record({ protocol: fc.record({ minReaderVersion: fc.nat(), minWriterVersion: fc.nat() }) }),
);

export const commits = fc
  .array(fc.array(action, { maxLength: 5 }), { maxLength: 12 })
  .map((all) => all.map((actions, version) => ({ version, actions })));

const plain = (state: ReturnType<typeof replay>) => ({
  ...state,
  files: [...state.files],
  tombstones: [...state.tombstones],
  transactions: [...state.transactions],
});

describe("LogState", () => {
  it("is the same by any checkpoint in between", () => {
    fc.assert(
      fc.property(commits, fc.nat(12), (all, at) => {
        const before = replay(emptyState, all.slice(0, at));
        const checkpoint = { version: before.version, actions: checkpointActions(before, 0) };
        const resumed = replay(replay(emptyState, [checkpoint]), all.slice(at));
        expect(plain(resumed)).toEqual(plain(replay(emptyState, all)));
      }),
    );
  });

  it("leaves the state it goes on from as it was", () => {
    const first = replay(emptyState, [
      { version: 0, actions: [{ add: { path: "a", size: 1, modificationTime: 1, dataChange: true } }] },
    ]);
    const second = replay(first, [
      { version: 1, actions: [{ remove: { path: "a", deletionTimestamp: 5, dataChange: true } }] },
    ]);
    expect([...first.files.keys()]).toEqual(["a"]);
    expect([...second.files.keys()]).toEqual([]);
    expect([...second.tombstones.keys()]).toEqual(["a"]);
  });

  it("forgets old tombstones in checkpoints, not live files", () => {
    const state = replay(emptyState, [
      {
        version: 0,
        actions: [
          { add: { path: "a", size: 1, modificationTime: 1, dataChange: true } },
          { remove: { path: "old", deletionTimestamp: 10, dataChange: true } },
          { remove: { path: "new", deletionTimestamp: 20, dataChange: true } },
        ],
      },
    ]);
    const kept = checkpointActions(state, 15).flatMap(({ add, remove }) => add?.path ?? remove?.path ?? []);
    expect(kept).toEqual(["new", "a"]);
  });
});
