import { describe, expect, it } from "@effect/vitest";
import { Either } from "effect";
import * as fc from "fast-check";
import { type Action, parseCommit, printCommit } from "../../src/delta/Actions.ts";

const text = fc.string({ unit: "binary" });
/** Of a partition column; JavaScript objects cannot have this one by assignment. */
const column = text.filter((name) => name !== "__proto__");
const count = fc.nat();
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ txn: fc.record({ appId: text, version: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) }) }),
  fc.record({
    add: fc.record({
      path: text,
      partitionValues: fc.dictionary(column, fc.option(text)),
      size: count,
      modificationTime: count,
      dataChange: fc.boolean(),
      stats: text,
    }),
  }),
  fc.record({ remove: fc.record({ path: text, deletionTimestamp: count, dataChange: fc.boolean() }) }),
  fc.record({ protocol: fc.record({ minReaderVersion: count, minWriterVersion: count }) }),
);

describe("Actions", () => {
  it("come back from the text of a commit", () => {
    fc.assert(
      fc.property(fc.array(action), (actions) => {
        expect(Either.getOrThrow(parseCommit(printCommit(actions)))).toEqual(actions);
      }),
    );
  });

  it("are read with the nulls and the unknown kinds of other writers", () => {
    const commit = [
      '{"commitInfo":{"timestamp":1,"operation":"WRITE"}}',
      '{"add":{"path":"a","partitionValues":{"p":null},"size":3,"modificationTime":1,"dataChange":true,"stats":null,"tags":null,"deletionVector":null,"baseRowId":null}}',
      '{"domainMetadata":{"domain":"d","configuration":"","removed":false}}',
      "",
    ].join("\r\n");
    expect(Either.getOrThrow(parseCommit(commit))).toEqual([
      { commitInfo: { timestamp: 1, operation: "WRITE" } },
      { add: { path: "a", partitionValues: { p: null }, size: 3, modificationTime: 1, dataChange: true } },
      {},
    ]);
  });

  it("name the line that is broken", () => {
    expect(Either.flip(parseCommit('{"txn":{"appId":"a","version":1}}\n{"add":'))).toMatchObject({
      right: expect.stringContaining("line 2"),
    });
    expect(Either.flip(parseCommit('{"add":{"path":1}}'))).toMatchObject({ right: expect.stringContaining("line 1") });
  });
});
