import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { longestRecord, makeCsvReader, parseOptions, type Records } from "../../src/intake/CsvRecords.ts";
import type { Escape } from "../../src/intake/StrictRecord.ts";

/** Reads `text` cut into pieces of `size` characters. */
const read = (text: string, size = text.length || 1, delimiter = ",", escape: Escape = "doubled") => {
  const reader = makeCsvReader(delimiter, { escape });
  const all: Records = { cells: [], lines: [], raw: [], broken: [] };
  const keep = (records: Records) => {
    all.cells.push(...records.cells);
    all.lines.push(...records.lines);
    all.raw.push(...records.raw);
    all.broken.push(...records.broken);
  };
  for (let at = 0; at < text.length; at += size) keep(reader.push(text.slice(at, at + size)));
  keep(reader.end());
  return { ...all, header: reader.header(), escape: reader.escape() };
};

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const needsQuotes = (cell: string) => /[",\r\n]/.test(cell) || cell === "";
const cell = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r\n", " ", "é"), maxLength: 6 }),
);

describe("CsvRecords", () => {
  it("reads quoted text with delimiters, quotes and line breaks, and tells where each record starts", () => {
    const text = 'id,text\n1,"a, ""b"""\n\n2,"two\r\nlines"\r\n3,plain';
    const { cells, lines, raw, header, broken } = read(text);
    expect(header).toEqual(["id", "text"]);
    expect(cells).toEqual([
      ["1", 'a, "b"'],
      ["2", "two\r\nlines"],
      ["3", "plain"],
    ]);
    expect(lines).toEqual([2, 4, 6]);
    expect(raw).toEqual(['1,"a, ""b"""', '2,"two\r\nlines"', "3,plain"]);
    expect(broken).toEqual([]);
  });

  it("keeps a quote inside an unquoted field", () => {
    expect(read('id,text\n1,5" pipe\n2,b\n3,6" pipe\n').cells).toEqual([
      ["1", '5" pipe'],
      ["2", "b"],
      ["3", '6" pipe'],
    ]);
  });

  it("loses one line, not the file, to a quote that is never closed", () => {
    const rows = Array.from({ length: 2000 }, (_, i) => `${i},text ${i}`).join("\n");
    const result = read(`id,text\na,"open\n${rows}\nb,"fine, too"\n`, 777);
    expect(result.broken).toEqual([{ line: 2, raw: 'a,"open', reason: "a quote is opened and not closed" }]);
    expect(result.cells).toHaveLength(2001);
    expect(result.cells.at(-1)).toEqual(["b", "fine, too"]);
    expect(result.lines.at(-1)).toBe(2003);
  });

  it("does not swallow the rows between two unclosed quotes", () => {
    const result = read('id,text\na,"open\n1,x\n2,y\nb,"open\n3,z\n');
    expect(result.broken.map(({ line }) => line)).toEqual([2, 5]);
    expect(result.cells.map(([id]) => id)).toEqual(["1", "2", "3"]);
  });

  it("counts a line that is too long as one reject, with its place, whatever the pieces and wherever it ends", () => {
    const start = "id,text\nb,1\n";
    for (const begin of ["", 'q,"']) {
      for (const length of [longestRecord + 1, 5 * longestRecord]) {
        const long = begin + "x,".repeat(length / 2 + 1).slice(0, length - begin.length);
        for (const [size, end] of [
          [65_536, "\n"],
          [1 << 20, "\r\n"],
          [start.length + length + 1, "\r\n"],
          [start.length + length, "\r"],
          [Number.POSITIVE_INFINITY, "\n"],
          [1 << 20, ""],
        ] as const) {
          const behind = end === "" ? "" : `${end}c,2\nd,"3\n4"\ne,5`;
          const { broken, cells, lines } = read(`${start}${long}${behind}`, size);
          expect(broken).toEqual([
            {
              line: 3,
              raw: `${long.slice(0, 1000)}…`,
              reason: expect.stringMatching(`^the line has ${length} characters, more than ${longestRecord}`),
            },
          ]);
          expect([cells.map(([id]) => id).join(""), lines]).toEqual(end === "" ? ["b", [2]] : ["bcde", [2, 4, 5, 7]]);
        }
      }
    }
  });

  it("takes a line as long as may be, whatever the pieces", () => {
    for (const size of [65_536, 1_000_003, Number.POSITIVE_INFINITY]) {
      const { broken, cells } = read(`id,text\na,${"x".repeat(longestRecord - 2)}\nb,2\n`, size);
      expect([broken, cells.length]).toEqual([[], 2]);
    }
  });

  it("gives back any records written with quotes, whatever the pieces, line ends and delimiter", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { maxLength: 12 }),
        fc.constantFrom("\n", "\r\n"),
        fc.constantFrom(",", ";", "\t"),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        (rows, lineEnd, delimiter, size, always) => {
          const write = (row: ReadonlyArray<string>) =>
            row
              .map((value) => (always || needsQuotes(value) || value.includes(delimiter) ? quoted(value) : value))
              .join(delimiter);
          const header = ["h1", "h2", "h3"];
          const text = [header, ...rows].map((row) => write(row) + lineEnd).join("");
          const result = read(text, size, delimiter);
          expect(result.cells).toEqual(rows);
          expect(result.raw).toEqual(rows.map(write));
          expect(result.broken).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("gives back any records written with quotes escaped by a backslash, and tells that they are", () => {
    const odd = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\\", " ", "é"), maxLength: 6 });
    const row = fc.array(odd, { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), fc.integer({ min: 1, max: 40 }), (rows, size) => {
        const write = (cells: ReadonlyArray<string>) =>
          cells.map((value) => `"${value.replaceAll(/["\\]/g, "\\$&")}"`).join(",");
        const text = [["h1", "h2", "h3"], ...rows, ['5" pipe', "", ""]].map((cells) => `${write(cells)}\n`).join("");
        const result = read(text, size, ",", "backslash");
        expect(result.cells.slice(0, -1)).toEqual(rows);
        expect(result.broken).toEqual([]);
        // A line end within quotes can make sense either way.
        if (!rows.flat().some((value) => value.includes("\n"))) expect(read(text, size).escape).toBe("backslash");
      }),
      { numRuns: 500 },
    );
  });

  it("makes nothing of a quote behind a backslash where rows do not agree on what it means", () => {
    const text = 'h1,h2\n1,"say ""hi"""\n2,"say \\"hi\\""\n3,"C:\\"\n4,"a \\", b"\n';
    const { cells, broken, escape } = read(text);
    expect(escape).toBe("doubled");
    expect(cells).toEqual([
      ["1", 'say "hi"'],
      ["3", "C:\\"],
    ]);
    expect(broken).toEqual([
      { line: 3, raw: '2,"say \\"hi\\""', reason: expect.stringMatching(/^it has \\" where/) },
      { line: 5, raw: '4,"a \\", b"', reason: expect.stringMatching(/^it has \\" where/) },
    ]);
    const other = read(text, undefined, ",", "backslash");
    expect(other.cells.map(([id]) => id)).toEqual(["2", "4"]);
    expect(other.broken.map(({ line }) => line)).toEqual([2, 4]);
  });

  it("ends lines at CR, LF and CRLF, whatever the pieces", () => {
    for (const size of [1, 2, 3, 100]) {
      const { cells, lines } = read('h1,h2\r1,a\r\r2,"x\ry"\r\n3,c\n4,d\r', size);
      expect(cells).toEqual([
        ["1", "a"],
        ["2", "x\ry"],
        ["3", "c"],
        ["4", "d"],
      ]);
      expect(lines).toEqual([2, 4, 6, 7]);
    }
  });

  it("takes no blank around a quoted field for a part of it", () => {
    expect(read('h1,h2\n1, "a, b" \n "2" ,"x" "y"\n3,  "z"\n').cells).toEqual([
      ["1", "a, b"],
      ["2", "x y"],
      ["3", '  "z"'],
    ]);
  });

  it("splits text without quotes exactly as csv-parse does", () => {
    const plain = fc.string({ unit: fc.constantFrom("a", ",", "\n", "\r\n", "é", "\t", " ", "0"), maxLength: 200 });
    fc.assert(
      fc.property(plain, fc.integer({ min: 1, max: 50 }), (body, size) => {
        const text = `h1,h2\n${body}\n`;
        expect(read(text, size).cells).toEqual(parse(text, parseOptions(",")).slice(1));
      }),
      { numRuns: 500 },
    );
  });

  it("reads text with quotes exactly as csv-parse does where csv-parse can read it line by line", () => {
    const line = fc.string({ unit: fc.constantFrom("a", ",", '"', '""', "é", " "), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.integer({ min: 1, max: 50 }), (lines, size) => {
        const readable = lines.filter((one) => {
          // Blanks around a quoted field belong to it for csv-parse, not here.
          if (/(^|,) "|" +(,|"|$)/.test(one)) return false;
          try {
            return parse(`${one}\n`, parseOptions(",")).length === 1;
          } catch {
            return false;
          }
        });
        const text = `h1,h2\n${readable.map((one) => `${one}\n`).join("")}`;
        const result = read(text, size);
        expect(result.cells).toEqual(readable.map((one) => parse(`${one}\n`, parseOptions(","))[0]));
        expect(result.broken).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
