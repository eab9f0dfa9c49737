/** Columns as JSON and as bytes, and as the console reads the bytes. */
import { Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readColumns, type Texts } from "../../../src/console/data/Columns.ts";
import { asBytes, asJson } from "../../../src/serving/insights/Columns.ts";

const numbers = (max: number) => fc.array(fc.integer({ min: 0, max }), { maxLength: 9 });

interface Own {
  readonly few: ReadonlyArray<number>;
  readonly more: ReadonlyArray<number>;
  readonly many: ReadonlyArray<number>;
  readonly texts: ReadonlyArray<string>;
}

const lists: fc.Arbitrary<Own> = fc.record({
  few: numbers(255),
  more: numbers(65_535),
  many: numbers(2 ** 32 - 1),
  texts: fc.array(fc.string({ unit: "binary" }), { maxLength: 9 }),
});
const head = fc.record({ model: fc.string({ unit: "binary" }), items: fc.nat() });

const columnsOf = ({ few, many, more, texts }: Own) => ({
  few: Uint8Array.from(few),
  texts,
  more: Uint16Array.from(more),
  many: Uint32Array.from(many),
});

interface Read {
  readonly few: Uint8Array;
  readonly more: Uint16Array;
  readonly many: Uint32Array;
  readonly texts: Texts;
  readonly [name: string]: Uint8Array | Uint16Array | Uint32Array | Texts;
}

/** As a browser gets them: alone in their memory. */
const sent = (bytes: Buffer): ArrayBuffer => Uint8Array.from(bytes).buffer;

describe("columns", () => {
  it("are the same as JSON, and as bytes that the console reads", () =>
    fc.assert(
      fc.asyncProperty(head, lists, async (words, own) => {
        const table = { head: words, columns: columnsOf(own) };
        expect(JSON.parse((await Effect.runPromise(asJson(table))).toString())).toEqual({ ...words, ...own });
        const read = readColumns<typeof words, Read>(sent(await Effect.runPromise(asBytes(table))));
        expect(read.head).toEqual(words);
        const { few, many, more, texts } = read.columns;
        expect({ few, many, more }).toEqual({
          ...{ few: Uint8Array.from(own.few), many: Uint32Array.from(own.many), more: Uint16Array.from(own.more) },
        });
        expect(Array.from({ length: texts.length }, (_, place) => texts.at(place))).toEqual(own.texts);
        for (const text of own.texts) expect(texts.find(text)).toBe(own.texts.indexOf(text));
        expect(texts.at(own.texts.length)).toBe("");
      }),
    ));

  it("longer than what is written at a time are whole", async () => {
    const ids = Array.from({ length: 5000 }, (_, n) => `Größe ${n}`);
    const table = { head: {}, columns: { ids, x: Uint16Array.from(ids, (_, n) => n) } };
    const told = JSON.parse((await Effect.runPromise(asJson(table))).toString());
    expect(told).toEqual({ ids, x: ids.map((_, n) => n) });
    const { columns } = readColumns<object, { readonly ids: Texts; readonly x: Uint16Array }>(
      sent(await Effect.runPromise(asBytes(table))),
    );
    expect(columns.ids.at(4999)).toBe("Größe 4999");
    expect(columns.ids.find("Größe 4097")).toBe(4097);
    expect(columns.ids.find("Größe 5000")).toBe(-1);
    expect(columns.x).toEqual(table.columns.x);
  });
});
