import { describe, expect, it } from "vitest";
import { makeWorded, wordsText } from "../../src/serving/Worded.ts";

const wordsOf = (row: number, name: string) => ({
  item_id: `i${row}`,
  article_id: `i${row}`,
  prod_name: name,
  product_type_name: "",
  product_group_name: "",
  graphical_appearance_name: "",
  index_group_name: "",
});

describe("Words of items", () => {
  it("are made once until what is said of the item changes", () => {
    let name = "Dress";
    const { forget, of } = makeWorded((row) => wordsOf(row, name));
    const before = of(3);
    name = "Coat";
    expect(of(3)).toBe(before);
    expect(wordsText(before)).toBe(JSON.stringify(wordsOf(3, "Dress")));
    forget(4);
    expect(of(3)).toBe(before);
    forget(3);
    expect(of(3)).toEqual(wordsOf(3, "Coat"));
    expect(wordsText(of(3))).toBe(JSON.stringify(wordsOf(3, "Coat")));
  });

  it("are kept of so many items at most, those that were kept longest going first", () => {
    let made = 0;
    const { of } = makeWorded((row) => {
      made++;
      return wordsOf(row, "");
    }, 2);
    for (const row of [1, 2, 3, 2, 3]) of(row);
    expect(made).toBe(3);
    of(1);
    expect(made).toBe(4);
    of(3);
    expect(made).toBe(4);
    of(2);
    expect(made).toBe(5);
  });
});
