import { describe, expect, it } from "vitest";
import { addressOf } from "../../../src/console/data/Api.ts";

describe("the address of a call", () => {
  it("has what is set, spelled for a query", () => {
    expect(addressOf("/recommend/7", { k: 12, explain: true, filter: 'colour = "dark red"', page: undefined })).toBe(
      "/recommend/7?k=12&explain=true&filter=colour+%3D+%22dark+red%22",
    );
    expect(addressOf("/items", { k: undefined })).toBe("/items");
  });
});
