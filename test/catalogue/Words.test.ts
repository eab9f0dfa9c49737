import { describe, expect, it } from "@effect/vitest";
import * as fc from "fast-check";
import { makeWords, wordsOf } from "../../src/catalogue/Words.ts";

const found = (words: ReturnType<typeof makeWords>, size: number, query: string) => {
  const matches = words.matcherOf(query);
  return matches === undefined ? undefined : Array.from({ length: size }, (_, at) => at).filter(matches);
};

const shelf = (titles: ReadonlyArray<string>) => {
  const words = makeWords();
  for (const [at, title] of titles.entries()) words.put(at, title);
  return words;
};

describe("Words", () => {
  it("knows neither case nor accents, and parts words at whatever is no letter or digit", () => {
    expect(wordsOf("Crème-Brûlée, GRÖSSE 42½ „Straße“")).toEqual(["creme", "brulee", "grosse", "421", "2", "strasse"]);
    expect(wordsOf(" –!")).toEqual([]);
    expect(wordsOf("Ærø Łódź ドレス")).toEqual(["aero", "lodz", "トレス"].map((word) => word.normalize("NFKD")));
  });

  it("finds titles that have all words, the last as a beginning", () => {
    const words = shelf(["Linen shirt", "Linen shorts", "Shirt dress, silk", "Chemise de lin", ""]);
    expect(found(words, 5, "linen sh")).toEqual([0, 1]);
    expect(found(words, 5, "SHIRT")).toEqual([0, 2]);
    expect(found(words, 5, "shir lin")).toEqual([]);
    expect(found(words, 5, "shirt lin")).toEqual([0]);
    expect(found(words, 5, "s")).toEqual([0, 1, 2]);
    expect(found(words, 5, "...")).toBeUndefined();
    words.put(0, "Linen skirt");
    words.put(3, undefined);
    expect(found(words, 5, "shirt")).toEqual([2]);
    expect(found(words, 5, "skirt")).toEqual([0]);
    expect(found(words, 5, "chemise")).toEqual([]);
  });

  it("is stale once more titles were replaced than there are", () => {
    const words = shelf(["a"]);
    for (let n = 0; n < 1_100 && !words.isStale(); n++) {
      words.put(0, `a ${n}`);
      words.put(0, `a ${n}`);
      expect(n).toBeLessThan(1_002);
    }
    expect(words.isStale()).toBe(true);
  });

  it("finds what a look at every title finds, whatever changes", () => {
    const title = fc
      .array(fc.constantFrom("ab", "abc", "ba", "Ä", "a", "cab"), { maxLength: 3 })
      .map((w) => w.join(" "));
    const naive = (text: string, query: string) => {
      const [all, wanted] = [wordsOf(text), wordsOf(query)];
      const last = wanted.at(-1) ?? "";
      return wanted.slice(0, -1).every((word) => all.includes(word)) && all.some((word) => word.startsWith(last));
    };
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(70), fc.option(title, { nil: undefined })), { maxLength: 150 }),
        title,
        (changes, query) => {
          const words = makeWords();
          const titles: Array<string> = Array.from({ length: 71 }, () => "");
          for (const [at, text] of changes) {
            words.put(at, text);
            titles[at] = text ?? "";
          }
          const wanted = titles.flatMap((text, at) => (naive(text, query) ? [at] : []));
          expect(found(words, 71, query)).toEqual(wordsOf(query).length === 0 ? undefined : wanted);
        },
      ),
    );
  });
});
