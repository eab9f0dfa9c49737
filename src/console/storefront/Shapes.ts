/** Shapes: outlines of things that shops sell, on a square of 100 by 100, and by which words of an item's type each is known. */

export interface Shape {
  /** Paths of the filled outline. */
  readonly body: string;
  /** Seams and edges, drawn as lines upon it. */
  readonly lines?: string;
  /** Drawn as a line beside it: a handle, a chain. */
  readonly wire?: string;
}

const shapes = {
  tshirt: {
    body: "M33 20 43 16Q50 23 57 16L67 20 86 36 76 48 69 43V84H31V43L24 48 14 36Z",
    lines: "M31 43 32 36M69 43 68 36M43 16Q50 28 57 16",
  },
  shirt: {
    body: "M34 17 44 13 50 20 56 13 66 17 80 32 88 73 77 76 69 46V87H31V46L23 76 12 73 20 32Z",
    lines: "M50 20V87M44 13 41 24 50 20 59 24 56 13M31 46 32 36M69 46 68 36",
  },
  sweater: {
    body: "M34 18 43 15Q50 20 57 15L66 18 81 33 88 73 76 76 69 46V85H31V46L24 76 12 73 19 33Z",
    lines: "M31 79H69M13 68 25 71M87 68 75 71M43 15Q50 25 57 15M31 46 32 36M69 46 68 36",
  },
  hoodie: {
    body: "M34 22 40 18Q36 8 50 8T60 18L66 22 81 35 88 73 76 76 69 48V86H31V48L24 76 12 73 19 35Z",
    lines: "M40 18Q50 32 60 18M47 27V38M53 27V38M38 66H62L66 80H34Z",
  },
  coat: {
    body: "M35 12 44 9 50 16 56 9 65 12 79 27 87 66 77 69 70 43 73 92H27L30 43 23 69 13 66 21 27Z",
    lines: "M50 34V92M44 9 40 22 50 36 60 22 56 9M36 62H44M56 62H64",
  },
  tank: { body: "M35 14H41Q43 31 50 31T59 14H65Q64 33 73 40L70 86H30L27 40Q36 33 35 14Z" },
  dress: {
    body: "M37 11H42Q44 25 50 25T58 11H63Q62 26 69 32L62 47 82 89H18L38 47 31 32Q38 26 37 11Z",
    lines: "M38 47H62M50 52 48 84M58 52 66 84M42 52 34 84",
  },
  trousers: {
    body: "M33 11H67L75 90H58L50 36 42 90H25Z",
    lines: "M33 18H67M50 18V36M38 18Q38 26 32 27M62 18Q62 26 68 27",
  },
  shorts: { body: "M30 26H70L80 72H54L50 48 46 72H20Z", lines: "M29 34H71M50 34V48" },
  skirt: { body: "M36 22H64L82 82Q50 90 18 82Z", lines: "M35 29H65M44 32 36 82M56 32 64 82M50 32V84" },
  suit: {
    body: "M36 10H42Q44 24 50 24T58 10H64Q63 25 70 31L65 48 72 90H57L50 60 43 90H28L35 48 30 31Q37 25 36 10Z",
    lines: "M35 48H65",
  },
  underwear: { body: "M18 32H82L79 46Q60 51 57 70H43Q40 51 21 46Z", lines: "M18 38H82" },
  bra: {
    body: "M20 26 25 24Q30 43 50 47 70 43 75 24L80 26 82 54Q66 74 50 58 34 74 18 54Z",
    lines: "M50 47V58M18 54Q34 50 50 58 66 50 82 54",
  },
  swimsuit: {
    body: "M36 11H41Q43 31 50 31T59 11H64Q63 33 71 40L67 60Q70 70 79 75 60 82 56 92H44Q40 82 21 75 30 70 33 60L29 40Q37 33 36 11Z",
  },
  socks: {
    body: "M24 14H42V52L58 66Q64 76 54 82H44L24 62ZM54 14H72V46L88 60Q92 70 82 76H70L62 66 54 58Z",
    lines: "M24 22H42M54 22H72",
  },
  sneaker: {
    body: "M12 46Q22 54 32 44L40 36 60 56Q74 62 86 64 92 70 90 78H12Z",
    lines: "M12 70H91M42 46 49 40M48 52 55 46M54 58 61 52",
  },
  boot: { body: "M32 12H56V54Q74 60 86 70V84H32Z", lines: "M32 76H86M32 22H56" },
  pump: { body: "M12 38Q22 58 44 60 64 64 88 74V80H56Q36 74 24 62L22 80H16Z" },
  bag: { body: "M20 42H80L86 86H14Z", wire: "M35 42Q35 16 50 16T65 42", lines: "M20 42H80M42 56H58" },
  hat: { body: "M24 66Q22 22 50 22T76 66ZM16 66H84V80H16Z", lines: "M50 22V66M36 28Q32 46 33 66M64 28Q68 46 67 66" },
  cap: {
    body: "M20 62Q18 28 48 28T74 58Q88 60 92 68 70 64 56 66 38 62 20 62Z",
    lines: "M48 28Q40 44 40 63M48 28Q60 42 60 65",
  },
  scarf: {
    body: "M30 18Q50 32 70 18L76 32Q66 42 58 42L66 86H46L42 44Q30 42 24 32Z",
    lines: "M42 44Q50 46 58 42M50 80V86M56 80V86M61 80V86",
  },
  gloves: {
    body: "M34 88V56Q22 44 28 40T42 50V20Q46 14 50 20V44 16Q54 10 58 16V44 20Q62 14 66 20V48 28Q70 22 74 28V62Q72 76 66 88Z",
  },
  belt: { body: "M8 42H92V58H8Z", lines: "M60 46V54M68 46V54M76 46V54", wire: "M24 36H46V64H24ZM35 50H46" },
  ring: { body: "M50 14 62 26 50 40 38 26Z", wire: "M50 40A22 22 0 1 1 49.9 40" },
  glasses: { body: "M8 42H44V52Q42 66 26 66T8 52ZM56 42H92V52Q90 66 74 66T56 52Z", wire: "M44 46Q50 40 56 46" },
  film: {
    body: "M16 38H84V82H16ZM14 24 80 10 83 22 17 36Z",
    lines: "M30 21 38 32M46 17 54 28M62 14 70 25M16 50H84M44 58 60 66 44 74Z",
  },
  book: { body: "M22 16H70Q78 16 78 24V84H30Q22 84 22 76Z", lines: "M30 16V70M22 76Q22 70 30 70H78M42 32H66M42 42H58" },
  bottle: { body: "M42 10H58V30Q70 36 70 50V88H30V50Q30 36 42 30Z", lines: "M42 20H58M30 54H70M30 74H70" },
  chair: { body: "M30 12H70V50H78V62H72V88H64V62H36V88H28V62H22V50H30Z", lines: "M30 50H70M38 22H62M38 34H62" },
  phone: {
    body: "M34 10H66Q72 10 72 16V84Q72 90 66 90H34Q28 90 28 84V16Q28 10 34 10Z",
    lines: "M28 20H72M28 78H72M46 84H54",
  },
  ball: { body: "M50 12A38 38 0 1 1 49.9 12Z", lines: "M50 12V88M12 50H88M22 24Q44 50 22 76M78 24Q56 50 78 76" },
  box: { body: "M50 14 82 30V68L50 86 18 68V30Z", lines: "M18 30 50 47 82 30M50 47V86M34 22 66 39" },
} as const satisfies Readonly<Record<string, Shape>>;

export type ShapeName = keyof typeof shapes;
export const shapeOf = (name: ShapeName): Shape => shapes[name];

/** The first that fits counts: a `swimwear top` is worn on a beach. */
const words: ReadonlyArray<readonly [RegExp, ShapeName]> = [
  [/swimsuit|bodysuit|\bbody\b/, "swimsuit"],
  [/bra\b|bikini top/, "bra"],
  [/underwear bottom|swimwear bottom|bikini|brief|panties|boxer|thong/, "underwear"],
  [/tights|sock|stocking/, "socks"],
  [/jumpsuit|playsuit|dungaree|overall|pyjama|garment set|romper/, "suit"],
  [/dress|gown|tunic|robe/, "dress"],
  [/skirt/, "skirt"],
  [/shorts/, "shorts"],
  [/trouser|jeans|legging|pants|chino|jogger/, "trousers"],
  [/hoodie|sweatshirt/, "hoodie"],
  [/coat|blazer|jacket|parka|anorak/, "coat"],
  [/t-shirt|tee\b|polo/, "tshirt"],
  [/vest|tank|camisole|singlet/, "tank"],
  [/sweater|cardigan|jumper|pullover|knit/, "sweater"],
  [/shirt|blouse/, "shirt"],
  [/\btop\b/, "tank"],
  [/boot|wellington/, "boot"],
  [/pump|heel|sandal|ballerina|slipper|flip.?flop/, "pump"],
  [/sneaker|shoe|trainer|loafer/, "sneaker"],
  [/bag|backpack|purse|tote|wallet/, "bag"],
  [/\bcap\b/, "cap"],
  [/hat\b|beanie/, "hat"],
  [/scarf|shawl/, "scarf"],
  [/glove|mitten/, "gloves"],
  [/belt/, "belt"],
  [/earring|necklace|ring\b|bracelet|jewel|hair|watch/, "ring"],
  [/glasses/, "glasses"],
  [/drama|comedy|thriller|documentary|horror|sci-fi|western|film|movie|dvd/, "film"],
  [/book|novel|magazine|fiction|poetry/, "book"],
  [/bottle|wine|perfume|shampoo|cream|beauty|drink|juice|oil/, "bottle"],
  [/chair|sofa|table|furniture|bed\b|desk|lamp/, "chair"],
  [/phone|tablet|laptop|computer|camera|electronic/, "phone"],
  [/ball\b|toy|game|sport/, "ball"],
  [/adventure|animation|crime|fantasy|musical|mystery|romance/, "film"],
];

export const shapeNameOf = (type: string): ShapeName => {
  const text = type.toLowerCase();
  return words.find(([pattern]) => pattern.test(text))?.[1] ?? "box";
};
