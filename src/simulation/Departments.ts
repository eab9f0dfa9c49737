/** Departments: where in the invented shop a product type is sold, with the H&M files' index, section and garment group. */
import { type ProductType, productTypes as t } from "./Taxonomy.ts";

export interface Index {
  readonly code: string;
  readonly name: string;
  readonly groupNo: number;
  readonly group: string;
}

const ladies: Index = { code: "A", name: "Ladieswear", groupNo: 1, group: "Ladieswear" };
const lingerie: Index = { code: "B", name: "Lingeries/Tights", groupNo: 1, group: "Ladieswear" };
const accessories: Index = { code: "C", name: "Ladies Accessories", groupNo: 1, group: "Ladieswear" };
const divided: Index = { code: "D", name: "Divided", groupNo: 2, group: "Divided" };
const men: Index = { code: "F", name: "Menswear", groupNo: 3, group: "Menswear" };
const baby: Index = { code: "G", name: "Baby Sizes 50-98", groupNo: 4, group: "Baby/Children" };
const children: Index = { code: "H", name: "Children Sizes 92-140", groupNo: 4, group: "Baby/Children" };
const teens: Index = { code: "I", name: "Children Sizes 134-170", groupNo: 4, group: "Baby/Children" };
const sport: Index = { code: "S", name: "Sport", groupNo: 26, group: "Sport" };

export interface Department {
  readonly no: number;
  readonly name: string;
  readonly index: Index;
  readonly section: readonly [number, string];
  readonly garment: readonly [number, string];
  readonly types: ReadonlyArray<ProductType>;
  /** Relative number of articles, and of shoppers. */
  readonly share: number;
}

const jerseyBasic = [1002, "Jersey Basic"] as const;
const knitwear = [1003, "Knitwear"] as const;
const jerseyFancy = [1005, "Jersey Fancy"] as const;
const babyMix = [1006, "Woven/Jersey/Knitted mix Baby"] as const;
const outdoor = [1007, "Outdoor"] as const;
const dressed = [1008, "Dressed"] as const;
const trousers = [1009, "Trousers"] as const;
const blouses = [1010, "Blouses"] as const;
const shirts = [1011, "Shirts"] as const;
const skirts = [1012, "Skirts"] as const;
const dresses = [1013, "Dresses Ladies"] as const;
const girls = [1014, "Dresses/Skirts girls"] as const;
const denim = [1016, "Trousers Denim"] as const;
const under = [1017, "Under-, Nightwear"] as const;
const swim = [1018, "Swimwear"] as const;
const extras = [1019, "Accessories"] as const;
const shoes = [1020, "Shoes"] as const;
const hosiery = [1021, "Socks and Tights"] as const;
const shorts = [1025, "Shorts"] as const;

const everyday = [15, "Womens Everyday Collection"] as const;
const tailoring = [11, "Womens Tailoring"] as const;
const casual = [16, "Womens Casual"] as const;
const basics = [65, "Womens Everyday Basics"] as const;
const womensSwim = [60, "Womens Swimwear, beachwear"] as const;
const womensLingerie = [61, "Womens Lingerie"] as const;
const nightwear = [62, "Womens Nightwear, Socks & Tigh"] as const;
const smallAccessories = [66, "Womens Small accessories"] as const;
const bigAccessories = [52, "Womens Big accessories"] as const;
const womensShoes = [64, "Womens Shoes"] as const;
const dividedCollection = [53, "Divided Collection"] as const;
const dividedBasics = [51, "Divided Basics"] as const;
const contemporary = [55, "Contemporary Street"] as const;
const classic = [20, "Contemporary Smart"] as const;
const menUnder = [26, "Men Underwear"] as const;
const menShoes = [30, "Men Shoes"] as const;
const babyGirl = [40, "Baby Girl"] as const;
const babyBoy = [41, "Baby Boy"] as const;
const kidsGirl = [76, "Kids Girl"] as const;
const kidsBoy = [46, "Kids Boy"] as const;
const youngGirl = [77, "Young Girl"] as const;
const youngBoy = [47, "Young Boy"] as const;
const ladiesSport = [5, "Ladies H&M Sport"] as const;
const mensSport = [6, "Mens Sport"] as const;

const department = (
  no: number,
  name: string,
  index: Index,
  section: Department["section"],
  garment: Department["garment"],
  share: number,
  ...types: ReadonlyArray<ProductType>
): Department => ({ no, name, index, section, garment, types, share });

export const departments: ReadonlyArray<Department> = [
  department(1676, "Jersey Basic", ladies, basics, jerseyBasic, 9, t.vestTop, t.tShirt, t.top),
  department(1643, "Basic 1", ladies, basics, jerseyBasic, 5, t.top, t.bodysuit, t.leggings),
  department(1610, "Jersey", ladies, everyday, jerseyFancy, 6, t.top, t.tShirt),
  department(1636, "Jersey fancy", ladies, casual, jerseyFancy, 4, t.top, t.bodysuit, t.hoodie),
  department(1626, "Knitwear", ladies, everyday, knitwear, 7, t.sweater, t.cardigan),
  department(1640, "Premium knit", ladies, casual, knitwear, 3, t.sweater, t.cardigan, t.dress),
  department(1522, "Blouse", ladies, everyday, blouses, 6, t.blouse, t.shirt),
  department(1515, "Shirt", ladies, tailoring, shirts, 3, t.shirt, t.blouse),
  department(1722, "Trouser", ladies, everyday, trousers, 6, t.trousers),
  department(1747, "Trousers tailored", ladies, tailoring, dressed, 4, t.trousers, t.blazer),
  department(1772, "Blazer", ladies, tailoring, dressed, 2, t.blazer, t.coat),
  department(1710, "Denim trousers", ladies, casual, denim, 5, t.trousers, t.jacket, t.dungarees),
  department(1338, "Dress", ladies, everyday, dresses, 7, t.dress, t.jumpsuit),
  department(1310, "Party dresses", ladies, tailoring, dresses, 3, t.dress, t.skirt),
  department(1322, "Skirts", ladies, everyday, skirts, 3, t.skirt),
  department(1201, "Outdoor", ladies, everyday, outdoor, 4, t.coat, t.jacket),
  department(1730, "Shorts", ladies, casual, shorts, 2, t.shorts),
  department(4242, "Swimwear", ladies, womensSwim, swim, 6, t.bikiniTop, t.swimBottom, t.swimsuit),
  department(1334, "Expressive lingerie", lingerie, womensLingerie, under, 4, t.bra, t.briefs),
  department(1344, "Clean lingerie", lingerie, womensLingerie, under, 4, t.bra, t.briefs),
  department(1339, "Nightwear", lingerie, nightwear, under, 3, t.pyjamas, t.nightgown),
  department(3608, "Tights basic", lingerie, nightwear, hosiery, 3, t.tights, t.socks),
  department(3509, "Jewellery", accessories, smallAccessories, extras, 4, t.earrings, t.necklace, t.hairClip),
  department(3519, "Bags", accessories, bigAccessories, extras, 3, t.bag, t.belt),
  department(3946, "Scarves and hats", accessories, bigAccessories, extras, 3, t.scarf, t.beanie, t.gloves),
  department(3529, "Sunglasses", accessories, smallAccessories, extras, 2, t.sunglasses, t.cap),
  department(3610, "Shoes", accessories, womensShoes, shoes, 3, t.pumps, t.boots, t.sandals),
  department(3611, "Sneakers", accessories, womensShoes, shoes, 2, t.sneakers),
  department(1919, "Tops fancy DS", divided, dividedCollection, jerseyFancy, 6, t.top, t.bodysuit, t.tShirt),
  department(1948, "Basic tops DS", divided, dividedBasics, jerseyBasic, 5, t.tShirt, t.vestTop, t.top),
  department(1939, "Tops knitwear DS", divided, dividedCollection, knitwear, 4, t.sweater, t.cardigan),
  department(1949, "Sweat DS", divided, dividedBasics, jerseyBasic, 3, t.hoodie, t.sweater),
  department(1929, "Dress DS", divided, dividedCollection, dresses, 4, t.dress, t.jumpsuit),
  department(1947, "Trouser DS", divided, dividedCollection, trousers, 4, t.trousers, t.leggings),
  department(1778, "Denim DS", divided, dividedBasics, denim, 4, t.trousers, t.shorts, t.skirt),
  department(1918, "Jacket DS", divided, dividedCollection, outdoor, 2, t.jacket, t.coat),
  department(1930, "Swim DS", divided, dividedCollection, swim, 2, t.bikiniTop, t.swimBottom),
  department(1936, "Accessories DS", divided, dividedCollection, extras, 2, t.earrings, t.bag, t.cap),
  department(5656, "Tee basic", men, contemporary, jerseyBasic, 5, t.tShirt, t.polo),
  department(5658, "Jersey fancy men", men, contemporary, jerseyFancy, 3, t.tShirt, t.hoodie, t.sweater),
  department(5883, "Knitwear men", men, classic, knitwear, 3, t.sweater, t.cardigan),
  department(5673, "Shirt men", men, classic, shirts, 3, t.shirt),
  department(5832, "Trouser men", men, contemporary, trousers, 3, t.trousers, t.shorts),
  department(5848, "Denim men", men, contemporary, denim, 2, t.trousers, t.shorts),
  department(5710, "Suit", men, classic, dressed, 2, t.blazer, t.trousers),
  department(5631, "Outdoor men", men, contemporary, outdoor, 2, t.jacket, t.coat),
  department(5862, "Underwear men", men, menUnder, under, 3, t.briefs, t.socks),
  department(5959, "Shoes men", men, menShoes, shoes, 2, t.sneakers, t.boots),
  department(5980, "Accessories men", men, contemporary, extras, 2, t.cap, t.beanie, t.belt),
  department(6529, "Baby girl", baby, babyGirl, babyMix, 4, t.dress, t.bodysuit, t.outfit, t.leggings),
  department(6515, "Baby boy", baby, babyBoy, babyMix, 4, t.tShirt, t.bodysuit, t.outfit, t.trousers),
  department(8716, "Baby nightwear", baby, babyGirl, under, 2, t.pyjamas, t.socks),
  department(7510, "Kids girl jersey", children, kidsGirl, jerseyFancy, 4, t.top, t.tShirt, t.leggings),
  department(7648, "Kids girl dresses", children, kidsGirl, girls, 3, t.dress, t.skirt),
  department(7920, "Kids boy jersey", children, kidsBoy, jerseyFancy, 4, t.tShirt, t.hoodie, t.shorts),
  department(7930, "Kids outdoor", children, kidsBoy, outdoor, 2, t.jacket, t.gloves, t.beanie),
  department(7989, "Kids shoes", children, kidsBoy, shoes, 2, t.sneakers, t.boots, t.sandals),
  department(6564, "Young girl jersey", teens, youngGirl, jerseyFancy, 3, t.top, t.tShirt, t.hoodie),
  department(6541, "Young girl denim", teens, youngGirl, denim, 2, t.trousers, t.skirt, t.shorts),
  department(9985, "Young boy jersey", teens, youngBoy, jerseyBasic, 3, t.tShirt, t.hoodie),
  department(8310, "Ladies sport tops", sport, ladiesSport, jerseyFancy, 3, t.vestTop, t.top, t.hoodie),
  department(8316, "Ladies sport bottoms", sport, ladiesSport, trousers, 3, t.leggings, t.shorts),
  department(8397, "Ladies sport bras", sport, ladiesSport, under, 2, t.bra),
  department(8559, "Mens sport", sport, mensSport, jerseyFancy, 2, t.tShirt, t.shorts, t.hoodie),
];

/** A kind of shopper: relative frequency, middle age, and how much of each index group they buy. */
export interface Segment {
  readonly share: number;
  readonly age: number;
  readonly spread: number;
  readonly indices: Readonly<Record<string, number>>;
}

/** By index code. */
export const segments: ReadonlyArray<Segment> = [
  { share: 30, age: 23, spread: 5, indices: { A: 35, B: 10, C: 8, D: 40, S: 7 } },
  { share: 27, age: 36, spread: 10, indices: { A: 65, B: 14, C: 12, D: 6, S: 5 } },
  { share: 16, age: 53, spread: 9, indices: { A: 75, B: 14, C: 9, F: 4 } },
  { share: 15, age: 35, spread: 6, indices: { A: 35, B: 7, C: 4, G: 22, H: 24, I: 8 } },
  { share: 9, age: 33, spread: 11, indices: { F: 85, S: 10, H: 5 } },
  { share: 3, age: 29, spread: 8, indices: { S: 60, A: 15, D: 15, B: 10 } },
];
