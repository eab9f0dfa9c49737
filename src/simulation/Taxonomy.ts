/** Taxonomy: the invented shop's product types, colours, appearances and departments, with the codes of the H&M files. */

/** When a product type sells: it peaks on that day of the year, by this factor e^swing over its yearly middle. */
export interface Season {
  readonly peak: number;
  readonly swing: number;
}

const none: Season = { peak: 0, swing: 0 };
const summer = (swing: number): Season => ({ peak: 190, swing });
const winter = (swing: number): Season => ({ peak: 345, swing });
const spring = (swing: number): Season => ({ peak: 130, swing });

export interface ProductType {
  readonly no: number;
  readonly name: string;
  readonly group: string;
  /** Middle price in the shop's currency, before scaling. */
  readonly price: number;
  readonly season: Season;
}

const type = (no: number, name: string, group: string, price: number, season: Season = none): ProductType => ({
  no,
  name,
  group,
  price,
  season,
});

const upper = "Garment Upper body";
const lower = "Garment Lower body";
const full = "Garment Full body";

export const productTypes = {
  vestTop: type(253, "Vest top", upper, 8, summer(0.5)),
  sweater: type(252, "Sweater", upper, 27, winter(0.6)),
  tShirt: type(255, "T-shirt", upper, 11, summer(0.35)),
  top: type(254, "Top", upper, 16),
  blouse: type(258, "Blouse", upper, 24, spring(0.2)),
  shirt: type(259, "Shirt", upper, 25),
  hoodie: type(308, "Hoodie", upper, 28, winter(0.35)),
  cardigan: type(245, "Cardigan", upper, 29, winter(0.5)),
  jacket: type(262, "Jacket", upper, 48, winter(0.5)),
  coat: type(263, "Coat", upper, 74, winter(1.1)),
  blazer: type(264, "Blazer", upper, 46, spring(0.2)),
  polo: type(257, "Polo shirt", upper, 18, summer(0.5)),
  bodysuit: type(256, "Bodysuit", upper, 14),
  trousers: type(272, "Trousers", lower, 32),
  leggings: type(273, "Leggings/Tights", lower, 15),
  shorts: type(274, "Shorts", lower, 19, summer(1.1)),
  skirt: type(275, "Skirt", lower, 23, spring(0.4)),
  dress: type(265, "Dress", full, 34, summer(0.6)),
  jumpsuit: type(267, "Jumpsuit/Playsuit", full, 37, summer(0.5)),
  dungarees: type(270, "Dungarees", full, 33, spring(0.2)),
  outfit: type(271, "Garment Set", full, 24),
  bra: type(306, "Bra", "Underwear", 17),
  briefs: type(286, "Underwear bottom", "Underwear", 9),
  socks: type(302, "Socks", "Socks & Tights", 6, winter(0.3)),
  tights: type(304, "Underwear Tights", "Socks & Tights", 9, winter(0.6)),
  pyjamas: type(296, "Pyjama set", "Nightwear", 26, winter(0.4)),
  nightgown: type(283, "Night gown", "Nightwear", 20),
  bikiniTop: type(298, "Bikini top", "Swimwear", 17, summer(1.6)),
  swimBottom: type(59, "Swimwear bottom", "Swimwear", 14, summer(1.6)),
  swimsuit: type(57, "Swimsuit", "Swimwear", 26, summer(1.5)),
  scarf: type(80, "Scarf", "Accessories", 15, winter(1.2)),
  beanie: type(74, "Hat/beanie", "Accessories", 11, winter(1.2)),
  gloves: type(71, "Gloves", "Accessories", 12, winter(1.4)),
  cap: type(73, "Cap/peaked", "Accessories", 11, summer(0.6)),
  sunglasses: type(81, "Sunglasses", "Accessories", 11, summer(1.2)),
  belt: type(67, "Belt", "Accessories", 13),
  bag: type(66, "Bag", "Accessories", 26),
  earrings: type(70, "Earring", "Accessories", 8),
  necklace: type(77, "Necklace", "Accessories", 10),
  hairClip: type(72, "Hair clip", "Accessories", 6),
  sneakers: type(94, "Sneakers", "Shoes", 33),
  boots: type(87, "Boots", "Shoes", 54, winter(0.9)),
  sandals: type(91, "Sandals", "Shoes", 27, summer(1.3)),
  pumps: type(93, "Pumps", "Shoes", 35),
} as const satisfies Readonly<Record<string, ProductType>>;

export interface Colour {
  readonly code: string;
  readonly name: string;
  readonly value: readonly [number, string];
  readonly master: readonly [number, string];
  readonly share: number;
}

const dusty = [1, "Dusty Light"] as const;
const medium = [2, "Medium Dusty"] as const;
const light = [3, "Light"] as const;
const dark = [4, "Dark"] as const;
const bright = [5, "Bright"] as const;

const colour = (
  code: string,
  name: string,
  value: Colour["value"],
  no: number,
  master: string,
  share: number,
): Colour => ({ code, name, value, master: [no, master], share });

export const colours: ReadonlyArray<Colour> = [
  colour("09", "Black", dark, 5, "Black", 21),
  colour("73", "Dark Blue", dark, 2, "Blue", 11),
  colour("10", "White", light, 9, "White", 9),
  colour("51", "Light Pink", dusty, 4, "Pink", 6),
  colour("07", "Grey", medium, 12, "Grey", 5),
  colour("12", "Light Beige", dusty, 11, "Beige", 5),
  colour("72", "Blue", medium, 2, "Blue", 5),
  colour("42", "Red", bright, 18, "Red", 4),
  colour("71", "Light Blue", dusty, 2, "Blue", 4),
  colour("19", "Greenish Khaki", medium, 20, "Khaki green", 4),
  colour("11", "Off White", light, 9, "White", 4),
  colour("13", "Beige", medium, 11, "Beige", 3),
  colour("93", "Dark Green", dark, 19, "Green", 3),
  colour("43", "Dark Red", dark, 18, "Red", 3),
  colour("08", "Dark Grey", dark, 12, "Grey", 3),
  colour("52", "Pink", bright, 4, "Pink", 3),
  colour("21", "Light Yellow", dusty, 8, "Yellow", 2),
  colour("32", "Orange", bright, 3, "Orange", 2),
  colour("05", "Gold", [7, "Medium"], 7, "Metal", 2),
  colour("61", "Light Purple", dusty, 1, "Lilac Purple", 1),
];

export interface Appearance {
  readonly no: number;
  readonly name: string;
  readonly share: number;
  /** How it reads in a description. */
  readonly phrase: string;
}

export const appearances: ReadonlyArray<Appearance> = [
  { no: 1010016, name: "Solid", share: 47, phrase: "plain" },
  { no: 1010001, name: "All over pattern", share: 16, phrase: "patterned" },
  { no: 1010010, name: "Melange", share: 6, phrase: "marled" },
  { no: 1010017, name: "Stripe", share: 6, phrase: "striped" },
  { no: 1010023, name: "Denim", share: 5, phrase: "washed" },
  { no: 1010008, name: "Front print", share: 5, phrase: "printed" },
  { no: 1010004, name: "Check", share: 4, phrase: "checked" },
  { no: 1010006, name: "Dot", share: 3, phrase: "dotted" },
  { no: 1010014, name: "Placement print", share: 3, phrase: "motif-printed" },
  { no: 1010021, name: "Lace", share: 3, phrase: "lace-trimmed" },
  { no: 1010005, name: "Colour blocking", share: 2, phrase: "colour-blocked" },
];
