import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeScan, told } from "../../src/catalogue/Scan.ts";
import type { AttributeValue, Fields } from "../../src/domain/ItemRecord.ts";
import { decodeRecord, encodeRecord } from "../../src/domain/RecordCodec.ts";
import { hashOfText } from "../../src/kernels/TextHash.ts";

const scan = makeScan();

/** As a record has it; undefined: it cannot tell. Bytes stand before and behind, which are none of it. */
const scanned = (text: string): { readonly at: number; readonly fields: Fields } | undefined => {
  const bytes = Buffer.from(`1"}${text}0"}`);
  const count = scan.read(bytes, 3, bytes.length - 3);
  if (count < 0) return undefined;
  const valueOf = (i: number): AttributeValue => {
    const kind = scan.kinds[i];
    if (kind === told.number) return scan.numbers[i]!;
    if (kind === told.boolean) return scan.numbers[i] === 1;
    if (kind === told.made) return scan.made[i]!;
    const word = bytes.toString("utf8", scan.froms[i], scan.tos[i]);
    expect(scan.hashes[i]).toBe(hashOfText(word));
    return kind === told.text ? word : JSON.parse(word);
  };
  const entries = Array.from({ length: count }, (_, i) => [scan.names[scan.fields[i]!]!, valueOf(i)] as const);
  return { at: scan.at(), fields: Object.fromEntries(entries) };
};

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom('"', "\\", "é", "\u0000", "日本", "\ud800", "2026-01-05T00:00:00Z"),
);
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.tuple(fc.maxSafeInteger(), fc.nat(20)).map(([whole, behind]) => Number(`${whole}e-${behind}`)),
);
const value = fc.oneof(text, number, fc.boolean(), fc.array(text, { maxLength: 4 }));
const record = fc.record({
  at: fc.integer({ min: 0, max: 2 ** 45 }),
  removed: fc.constant(false),
  fields: fc.dictionary(text, value, { maxKeys: 8, noNullPrototype: true }),
  patches: fc.constant({}),
});

describe("a scan", () => {
  it("tells of every record what its codec does", () => {
    fc.assert(
      fc.property(record, (one) => {
        const written = encodeRecord(one);
        const { at, fields } = decodeRecord(written)!;
        expect(scanned(written)).toStrictEqual({ at, fields });
      }),
      { numRuns: 500 },
    );
  });

  it("cannot tell of what its codec refuses, and tells nothing else of what was changed", () => {
    const changed = fc.tuple(record, fc.nat(), fc.constantFrom("", '"', "0", "-", ".", ",", "}", "]", "e", "\\", " "));
    fc.assert(
      fc.property(changed, ([one, at, by]) => {
        const written = encodeRecord(one);
        const text = `${written.slice(0, at % written.length)}${by}${written.slice((at % written.length) + 1)}`;
        const found = scanned(text);
        if (found === undefined) return;
        const { at: time, fields } = decodeRecord(Buffer.from(text).toString())!;
        expect(found).toStrictEqual({ at: time, fields });
      }),
      { numRuns: 2000 },
    );
  });

  it("cannot tell of numbers that JSON does not have, names that come twice, patches and what was taken away", () => {
    const of = (fields: string): string => `{"at":5,"fields":{${fields}}}`;
    expect(scanned(of('"a":1.5,"b":-0.25,"c":1e3,"d":12345678901234567890'))?.fields).toStrictEqual({
      a: 1.5,
      b: -0.25,
      c: 1000,
      d: 12345678901234567000,
    });
    for (const wrong of [
      "01",
      "-",
      "1.",
      ".5",
      "1e",
      "+1",
      "--1",
      "1.2.3",
      "nul",
      "tru",
      '["a",]',
      '["a" ]',
      "[1]",
      "{}",
    ]) {
      expect(scanned(of(`"a":${wrong}`)), wrong).toBeUndefined();
    }
    expect(scanned(of('"a":1,"a":2'))).toBeUndefined();
    expect(scanned('{"at":5,"fields":{},"patches":{"a":{"at":6,"value":1}}}')).toBeUndefined();
    expect(scanned('{"at":5,"removed":true,"fields":{}}')).toBeUndefined();
    expect(scanned('{"at":1e999,"fields":{}}')).toBeUndefined();
  });

  it("cannot tell of a record of very many fields", () => {
    const fields = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`attributes.${i}`, i]));
    const told = (count: number) =>
      scanned(encodeRecord({ at: 1, removed: false, fields: fields(count), patches: {} }))?.fields;
    expect(told(1024)).toEqual(fields(1024));
    expect(told(1025)).toBeUndefined();
  });
});
