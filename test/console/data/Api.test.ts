import { describe, expect, it } from "vitest";
import { addressOf, unanswered } from "../../../src/console/data/Api.ts";

describe("the address of a call", () => {
  it("has what is set, spelled for a query", () => {
    expect(addressOf("/recommend/7", { k: 12, explain: true, filter: 'colour = "dark red"', page: undefined })).toBe(
      "/recommend/7?k=12&explain=true&filter=colour+%3D+%22dark+red%22",
    );
    expect(addressOf("/console/items", { ids: ["a,b", "c d", ""] })).toBe("/console/items?ids=a%2Cb&ids=c+d&ids=");
    expect(addressOf("/items", { k: undefined })).toBe("/items");
  });
});

describe("what is said of a call that nothing answered", () => {
  it("is a sentence of its own, with the browser's few words", () => {
    expect(unanswered(new TypeError("Failed to fetch"))).toBe(
      "The API gave no answer: it is stopped or starting, or the way to it is cut (Failed to fetch).",
    );
  });
});
