import { describe, expect, it } from "@effect/vitest";
import { parsePartitionValue } from "../../src/delta/PartitionValue.ts";
import { unreadable, unwritable } from "../../src/delta/Support.ts";

const metadata = { id: "t", schemaString: "" };

describe("Support", () => {
  it("takes tables of reader 1 and writer 2, and newer ones without features of theirs", () => {
    expect(unwritable({ minReaderVersion: 1, minWriterVersion: 2 }, metadata)).toBeUndefined();
    expect(unreadable({ minReaderVersion: 2, minWriterVersion: 5 }, metadata)).toBeUndefined();
    const listed = { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ["appendOnly", "invariants"] };
    expect(unwritable(listed, metadata)).toBeUndefined();
  });

  it("names what it does not know", () => {
    const vectors = { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ["deletionVectors"] };
    expect(unreadable(vectors, metadata)).toContain("deletionVectors");
    const mapped = { ...metadata, configuration: { "delta.columnMapping.mode": "name" } };
    expect(unreadable({ minReaderVersion: 2, minWriterVersion: 5 }, mapped)).toContain("column mapping");
    expect(unreadable({ minReaderVersion: 9, minWriterVersion: 2 }, metadata)).toContain("version 9");
    expect(unwritable({ minReaderVersion: 1, minWriterVersion: 4 }, metadata)).toContain("version 4");
    const changes = { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ["changeDataFeed"] };
    expect(unwritable(changes, metadata)).toContain("changeDataFeed");
    expect(unreadable(changes, metadata)).toBeUndefined();
  });
});

describe("PartitionValue", () => {
  it("reads each type's text", () => {
    expect(parsePartitionValue("string", "a b")).toBe("a b");
    expect(parsePartitionValue("integer", "-7")).toBe(-7);
    expect(parsePartitionValue("long", "9007199254740993")).toBe(9_007_199_254_740_993n);
    expect(parsePartitionValue("boolean", "true")).toBe(true);
    expect(parsePartitionValue("double", "1e-3")).toBe(0.001);
    expect(parsePartitionValue("double", "NaN")).toBeNaN();
    expect(parsePartitionValue("date", "1969-12-31")).toBe(-1);
    expect(parsePartitionValue("timestamp", "1970-01-01 00:00:01.5")).toBe(1_500_000n);
    expect(parsePartitionValue("timestamp", "1969-12-31T23:59:59.999999Z")).toBe(-1n);
  });

  it("takes empty for null, and refuses what is no value", () => {
    expect(parsePartitionValue("integer", "")).toBeNull();
    expect(parsePartitionValue("string", null)).toBeNull();
    expect(parsePartitionValue("integer", "x")).toBeUndefined();
    expect(parsePartitionValue("date", "2020-13-01")).toBeUndefined();
  });
});
