import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hrefOf, routeOf } from "../../../src/console/shell/Router.ts";

describe("an address of the console", () => {
  it("names a page and what it is to show", () => {
    const { page, params } = routeOf("#/items?id=0108775015&sort=a+b");
    expect([page, params.get("id"), params.get("sort")]).toEqual(["items", "0108775015", "a b"]);
    expect(routeOf("").page).toBe("");
    expect(routeOf("#items").page).toBe("items");
  });

  it("is read as it was written, whatever is in it", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 1 })), (params) => {
        expect(Object.fromEntries(routeOf(hrefOf("items", params)).params)).toEqual(params);
      }),
    );
  });

  it("leaves out what is not set", () => {
    expect(hrefOf("items", { id: undefined, q: "" })).toBe("#/items");
  });
});
