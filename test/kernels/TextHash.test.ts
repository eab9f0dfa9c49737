import * as fc from "fast-check";
import { expect, it } from "vitest";
import { hashOfAscii, hashOfText, isAsciiOf } from "../../src/kernels/TextHash.ts";

const ascii = fc.string({ unit: "grapheme-ascii" });

it("the hash of ASCII is that of the text it is, wherever it stands", () => {
  fc.assert(
    fc.property(ascii, ascii, ascii, (before, text, behind) => {
      const bytes = Buffer.from(`${before}${text}${behind}`);
      expect(hashOfAscii(bytes, before.length, before.length + text.length)).toBe(hashOfText(text));
      expect(isAsciiOf(text, bytes, before.length, before.length + text.length)).toBe(true);
    }),
  );
});

it("other ASCII is not the text", () => {
  fc.assert(
    fc.property(ascii, ascii, (one, other) => {
      const bytes = Buffer.from(other);
      expect(isAsciiOf(one, bytes, 0, bytes.length)).toBe(one === other);
    }),
  );
});

it("tells 100,000 texts that count up apart", () => {
  const hashes = new Set(Array.from({ length: 100_000 }, (_, i) => hashOfText(`Item number ${i}`)));
  // Of 2^32 hashes by chance, one or two meet.
  expect(hashes.size).toBeGreaterThan(99_980);
});
