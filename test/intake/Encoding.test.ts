import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { detectEncoding, makeBadTextFinder, makeDecoder } from "../../src/intake/Encoding.ts";

const utf16 = (text: string, big: boolean) => {
  const bytes = Buffer.from(text, "utf16le");
  return big ? bytes.swap16() : bytes;
};

describe("Encoding", () => {
  it("is told by the mark, or by the zeros of ASCII in UTF-16", () => {
    const text = "user,item\nanna,1\n";
    expect(detectEncoding(Buffer.from(`\ufeff${text}`))).toBe("utf-8");
    expect(detectEncoding(Buffer.from(text))).toBe("utf-8");
    expect(detectEncoding(Buffer.from(text, "latin1"))).toBe("utf-8");
    for (const begin of ["\ufeff", ""]) {
      expect(detectEncoding(utf16(begin + text, false))).toBe("utf-16le");
      expect(detectEncoding(utf16(begin + text, true))).toBe("utf-16be");
    }
    expect(detectEncoding(new Uint8Array())).toBe("utf-8");
  });

  it("is known by the names that other programs use", () => {
    const names = ["latin-1", "iso-8859-1", "cp1252", "cp-1252", "utf_8", "Shift_JIS", "latin-99"];
    const known = ["windows-1252", "windows-1252", "windows-1252", "windows-1252", "utf-8", "shift_jis", undefined];
    expect(names.map((name) => makeDecoder(name)?.encoding)).toEqual(known);
  });

  it("finds the first line and byte that are not UTF-8, whatever the pieces", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary", maxLength: 8 }), { maxLength: 6 }),
        fc.constantFrom([0xe9], [0xc3], [0x80], [0xf0, 0x9f, 0x92], [0xed, 0xa0, 0x80], [0xff]),
        fc.integer({ min: 1, max: 9 }),
        (lines, bad, size) => {
          const before = Buffer.from(lines.map((line) => `${line.replaceAll("\n", " ")}\n`).join(""));
          const all = Buffer.concat([before, Buffer.from("caf"), Buffer.from(bad), Buffer.from(",x\nmore\n")]);
          const finder = makeBadTextFinder();
          let found: ReturnType<typeof finder.end>;
          for (let at = 0; at < all.length && found === undefined; at += size) {
            found = finder.push(all.subarray(at, at + size));
          }
          expect(found ?? finder.end()).toEqual({ line: lines.length + 1, byte: bad[0], before: "caf" });
        },
      ),
    );
    const finder = makeBadTextFinder();
    expect([finder.push(Buffer.from("é\nü")), finder.end()]).toEqual([undefined, undefined]);
  });
});
