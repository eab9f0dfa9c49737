/** ProductTexts: invented product names and descriptions. */
import type { Random } from "../kernels/Random.ts";
import type { Appearance, Colour, ProductType } from "./Taxonomy.ts";

const starts = ["Al", "Be", "Ca", "Da", "El", "Fi", "Gre", "Ha", "Io", "Ju", "Ka", "Li", "Ma", "No", "Ol", "Pe", "Ro"];
const middles = ["", "", "ri", "la", "ve", "no", "mi", "ster", "lo", "den", "wi"];
const ends = ["na", "ta", "lin", "ra", "sse", "vik", "mo", "nne", "by", "das", "xa", "le"];
const suffixes = ["", "", "", " SS19", " (1)", " 2p", " LW", " HW", " FANCY", " TVP", " w. belt"];

const openings = ["", "", "Loose-fit ", "Fitted ", "Short ", "Straight-cut ", "Oversized ", "Slim-fit "];
const fabrics: Readonly<Record<string, ReadonlyArray<string>>> = {
  "Garment Upper body": [
    "soft cotton jersey",
    "a fine-knit viscose blend",
    "airy cotton",
    "a wool blend",
    "slub jersey",
  ],
  "Garment Lower body": ["stretch twill", "washed denim", "a crisp cotton weave", "soft sweatshirt fabric"],
  "Garment Full body": ["crinkled viscose", "satin", "patterned chiffon", "jersey crepe"],
  Underwear: ["microfibre", "organic cotton jersey", "mesh and lace"],
  "Socks & Tights": ["a soft, fine-knit cotton blend", "glossy 20 denier nylon"],
  Nightwear: ["soft flannel", "cool satin", "cotton jersey"],
  Swimwear: ["fast-drying fabric", "ribbed stretch fabric"],
  Accessories: ["a soft rib knit", "imitation leather", "metal", "woven straw"],
  Shoes: ["imitation suede", "cotton canvas", "grained imitation leather"],
};
const details: Readonly<Record<string, ReadonlyArray<string>>> = {
  "Garment Upper body": [
    "a V-neck, long sleeves and ribbed cuffs",
    'a round neckline and a "boyfriend" fit',
    "buttons down the front, a yoke and a rounded hem",
    "a chest pocket, dropped shoulders and short sleeves",
  ],
  "Garment Lower body": [
    "side pockets, a zip fly and a concealed hook-and-eye",
    "an elasticated waist, tapered legs and back pockets",
    'a high waist and a 32" inside leg',
  ],
  "Garment Full body": [
    'a gathered seam, flared skirt and "tie" detail at the back',
    "narrow, adjustable straps and a frill trim",
    "a collar, buttons down the front and a detachable belt",
  ],
  Underwear: ["lace trims, adjustable straps and a hook-and-eye fastening", 'a low waist and a "no-show" finish'],
  "Socks & Tights": ["elasticated tops, reinforced toes and heels", 'a control top and "invisible" seams'],
  Nightwear: ["a collar, a chest pocket and covered elastication", "narrow straps, a lace trim and a short hem"],
  Swimwear: ["removable inserts, adjustable straps and a tie at the back", 'a "cheeky" cut and a full lining'],
  Accessories: ["a clasp, a lining and an inner pocket", 'a turn-up, a label and a "one size" fit'],
  Shoes: ["padded edges, a loop at the back and rubber soles", "a pointed toe, a strap and a 4 cm heel"],
};
const closings = ["", "", " Lined.", " Unlined.", " Partly made from recycled polyester.", ' Width 2 cm, or 3/4".'];

const pick = <A>(random: Random, list: ReadonlyArray<A>): A => list[random.below(list.length)]!;

/** A product's name, e.g. `Karina Vest top (1)`. */
export const productName = (random: Random, type: ProductType): string =>
  `${pick(random, starts)}${pick(random, middles)}${pick(random, ends)} ${type.name}${pick(random, suffixes)}`;

/** A sentence or two, with commas and quotes; empty for one article in 250. */
export const description = (random: Random, type: ProductType, colour: Colour, look: Appearance): string => {
  if (random.chance(0.004)) return "";
  const opening = pick(random, openings);
  const noun = opening === "" ? type.name : type.name.toLowerCase();
  const fabric = pick(random, fabrics[type.group] ?? ["cotton"]);
  return `${opening}${noun} in ${look.phrase} ${colour.name.toLowerCase()} ${fabric} with ${pick(random, details[type.group] ?? ["clean lines"])}.${pick(random, closings)}`;
};
