import { describe, expect, it } from "vitest";
import { colourOf } from "../../../src/console/storefront/Colour.ts";
import { imageOf, looksOf, patternOf, sketchOf } from "../../../src/console/storefront/Looks.ts";
import { shapeNameOf } from "../../../src/console/storefront/Shapes.ts";

describe("how an item looks", () => {
  it("goes by its attributes", () => {
    const attributes = {
      product_type_name: "Trousers",
      colour_group_name: "Dark Blue",
      graphical_appearance_name: "Stripe",
      index_group_name: "Menswear",
    };
    expect(looksOf({ item_id: "7", title: "Elle Trousers", attributes })).toEqual({
      id: "7",
      title: "Elle Trousers",
      type: "Trousers",
      group: "Menswear",
      colourName: "Dark Blue",
      colour: colourOf("Dark Blue"),
      pattern: "stripe",
      shape: "trousers",
      image: undefined,
    });
  });

  it("of another shop's is drawn all the same", () => {
    const film = looksOf({ item_id: "260", title: "Star Wars", attributes: { genres: "Action|Sci-Fi" } });
    expect([film.shape, film.title, film.type]).toEqual(["film", "Star Wars", "Action, Sci-Fi"]);
    const nothing = looksOf({ item_id: "9", title: null, attributes: {} });
    expect([nothing.title, nothing.shape, nothing.colourName]).toEqual(["9", "box", ""]);
    expect(sketchOf({ item_idx: 4, metadata: null }).title).toBe("4");
  });

  it("takes an image of this host alone", () => {
    const seen = (image: unknown) => looksOf({ item_id: "1", title: "", attributes: { image } }).image;
    expect(seen("/images/1.jpg")).toBe("/images/1.jpg");
    expect(seen("data:image/png;base64,AA==")).toBe("data:image/png;base64,AA==");
    const here = "https://shop.example:8443";
    expect(imageOf(`${here}/images/1.jpg?w=2`, here)).toBe("/images/1.jpg?w=2");
    expect(imageOf("https://shop.example/images/1.jpg", here)).toBeUndefined();
    expect(imageOf("http://shop.example:8443/images/1.jpg", here)).toBeUndefined();
    expect(imageOf("https://", here)).toBeUndefined();
    for (const other of [
      "https://elsewhere.example/1.jpg",
      "//elsewhere.example/1.jpg",
      "/\\elsewhere.example/1.jpg",
      "/\t/elsewhere.example/1.jpg",
      "1.jpg",
      7,
    ]) {
      expect(seen(other)).toBe(undefined);
    }
  });
});

describe("the shape of a type", () => {
  it.each([
    ["T-shirt", "tshirt"],
    ["Polo shirt", "tshirt"],
    ["Shirt", "shirt"],
    ["Swimwear bottom", "underwear"],
    ["Bikini top", "bra"],
    ["Bra", "bra"],
    ["Vest top", "tank"],
    ["Top", "tank"],
    ["Leggings/Tights", "socks"],
    ["Night gown", "dress"],
    ["Jumpsuit/Playsuit", "suit"],
    ["Hat/beanie", "hat"],
    ["Cap/peaked", "cap"],
    ["Earring", "ring"],
    ["Red wine", "bottle"],
    ["Fridge", "box"],
  ])("%s is drawn as %s", (type, shape) => expect(shapeNameOf(type)).toBe(shape));
});

describe("the pattern of a word", () => {
  it.each([
    ["Stripe", "stripe"],
    ["Check", "check"],
    ["Dot", "dot"],
    ["All over pattern", "print"],
    ["Melange", "mix"],
    ["Denim", "denim"],
    ["Solid", "solid"],
    ["", "solid"],
  ])("%s is drawn as %s", (text, pattern) => expect(patternOf(text)).toBe(pattern));
});
