import { Either } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "../../../src/catalogue/filter/Parser.ts";
import {
  bodyOf,
  chosenFacets,
  exampleOf,
  filterOf,
  isSet,
  noSettings,
  wordOf,
} from "../../../src/console/storefront/Settings.ts";

describe("the controls of a list", () => {
  it("say nothing while nothing is set", () => {
    expect(isSet(noSettings)).toBe(false);
    expect(bodyOf(noSettings)).toEqual({ seen: "bought" });
  });

  it("are a filter and what the order goes by", () => {
    const settings = {
      ...noSettings,
      facets: { colour: "Dark Blue", type: "" },
      filter: "price < 30 OR price > 90",
      diversity: 0.3,
      variants: 1,
    };
    expect(isSet(settings)).toBe(true);
    expect(bodyOf(settings)).toEqual({
      seen: "bought",
      filter: 'price < 30 OR price > 90 AND "colour" = "Dark Blue"',
      diversity_lambda: 0.7,
      variants: 1,
    });
  });

  it("are read by the API whatever the names and values are", () => {
    const text = fc.string({ minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(text, text, (name, value) => {
        const filter = filterOf({ ...noSettings, facets: { [name]: value } });
        expect(Either.isRight(parse(filter ?? ""))).toBe(true);
      }),
    );
  });

  it("mean both what was typed and what was chosen, and count a fault's place from the first character typed", () => {
    const typed = { ...noSettings, facets: { colour: "Red" }, filter: "price < 30 OR price > 90" };
    const both = parse(`(${typed.filter}) AND "colour" = "Red"`);
    const kindsOf = (read: typeof both) =>
      Either.map(read, ({ kind, ...rest }) => [
        kind,
        ...("of" in rest && Array.isArray(rest.of) ? rest.of.map((one) => one.kind) : []),
      ]);
    expect(kindsOf(parse(filterOf(typed) ?? ""))).toEqual(Either.right(["and", "or", "restriction"]));
    expect(kindsOf(parse(filterOf(typed) ?? ""))).toEqual(kindsOf(both));
    const wrong = parse(filterOf({ ...typed, filter: "price <" }) ?? "");
    expect(Either.isLeft(wrong) && wrong.left.at).toBe("price < ".length);
  });

  it("show an example of the language that the shop's own attributes make sense of", () => {
    const of = (name: string, ...values: ReadonlyArray<string>) => ({
      name,
      values: values.map((value) => ({ value })),
    });
    expect(exampleOf([])).toBe("");
    expect(exampleOf([of("genres", "Drama"), of("year", "1999")])).toBe('NOT genres = "Drama"');
    expect(exampleOf([of("Product type", 'A "B"')])).toBe('NOT "Product type" = "A \\"B\\""');
    for (const name of ["AND", "OR", "NOT", "größe", "a.b"]) {
      expect(Either.isRight(parse(exampleOf([of(name, "x")])))).toBe(true);
    }
  });
});

describe("attributes to choose by", () => {
  it("are those that people ask for first, no codes, three at most", () => {
    const names = ["index_code", "index_name", "index_group_name", "perceived_colour_master_name", "product_type_name"];
    const facets = names.map((name) => ({ name }));
    expect(chosenFacets(facets).map(({ name }) => name)).toEqual([
      "index_group_name",
      "product_type_name",
      "perceived_colour_master_name",
    ]);
    expect(chosenFacets([{ name: "year" }]).map(({ name }) => name)).toEqual(["year"]);
  });

  it("are called as people say it", () => {
    expect(["product_group_name", "colour", "name"].map(wordOf)).toEqual(["Product group", "Colour", "Name"]);
  });
});
