/** Ways: what became of each item that any source gave, from the notes of a watch. */
import type { BlendReasons } from "../../../learning/BlendReasons.ts";
import type { Candidate } from "../Candidate.ts";
import type { Refusal } from "./Refusal.ts";
import type { Notes } from "./Watch.ts";

/**
 * followers, taste and trending give the shopper's own; trending_fill and catalogue_fill what fills the list up, looked at only as
 * far as it takes; new: items tried in a place of their own.
 */
export const givers = ["followers", "taste", "trending", "trending_fill", "catalogue_fill", "new"] as const;
export type Giver = (typeof givers)[number];

/**
 * answered; refused by the gate; below min_score; held back as one variant of a product too many; made room for a new item; left
 * over: others came before.
 */
export const outcomes = ["answered", "refused", "below_min_score", "held_back", "made_room", "left_over"] as const;
export type Outcome = (typeof outcomes)[number];

export interface Given {
  readonly source: Giver;
  /** Among what the source gave, best first, from 1 on; null for what it would have given without the gate. */
  readonly place: number | null;
  /** By which the source ranks; null where it does not tell. */
  readonly score: number | null;
}

/** What an item's score adds up from. */
export interface Parts {
  readonly followers: number;
  readonly taste: number;
  readonly trending: number;
  /** At most 0: what rotation took. */
  readonly shown: number;
}

/** From 1 on; null where it is not in that order. */
export interface Places {
  /** By score, among all that were scored. */
  readonly score: number | null;
  /** Of those that score enough, after what was shown sank. */
  readonly rotation: number | null;
  /** In the order in which they are selected, by diversity where it is asked for. */
  readonly order: number | null;
  /** In the list before new items, and in the answer. */
  readonly select: number | null;
  readonly answer: number | null;
}

export interface Way {
  readonly itemIdx: number;
  readonly row: number | undefined;
  readonly given: ReadonlyArray<Given>;
  readonly outcome: Outcome;
  readonly because: ReadonlyArray<Refusal>;
  /** As it counts in the end; null where none was computed. */
  readonly score: number | null;
  readonly parts: Parts | null;
  readonly places: Places;
}

const sumOf = (because: BlendReasons["because"], part: "followers" | "taste"): number =>
  because.reduce((sum, one) => sum + one[part], 0);

const placesIn = (list: ReadonlyArray<{ readonly itemIdx: number }>): ReadonlyMap<number, number> =>
  new Map(list.map(({ itemIdx }, i) => [itemIdx, i + 1]));

const fillers: Readonly<Record<string, Giver>> = { trending: "trending_fill", catalogue: "catalogue_fill" };

/** Of one source, its candidates best first, then those that the gate kept from it. */
const givenBy = (
  source: Giver,
  took: ReadonlyArray<readonly [itemIdx: number, score: number | null]>,
  refused: ReadonlyArray<readonly [itemIdx: number, score: number | null]>,
): ReadonlyArray<readonly [itemIdx: number, given: Given]> => [
  ...took.map(([itemIdx, score], i) => [itemIdx, { source, place: i + 1, score }] as const),
  ...refused.map(([itemIdx, score]) => [itemIdx, { source, place: null, score }] as const),
];

/** `refusalsOf`: why the gate refuses an item; `beyond`: what is near to the shopper's taste whatever the gate says, best first. */
export const waysOf = (
  notes: Notes,
  itemIdxOf: ArrayLike<number>,
  rowOfIdx: (itemIdx: number) => number | undefined,
  refusalsOf: (itemIdx: number) => ReadonlyArray<Refusal>,
  beyond: ReadonlyArray<{ readonly itemIdx: number; readonly score: number }>,
): ReadonlyArray<Way> => {
  const { chosen, firstOfFollowers, firstOfOthers, last, list, near, ordered, own, reasons, rotate, sunk } = notes;
  const idx = (row: number): number => itemIdxOf[row]!;
  const explained = new Map<number, BlendReasons>();
  const reasonsOf = (row: number): BlendReasons | undefined => {
    if (reasons === undefined) return undefined;
    const known = explained.get(row) ?? reasons(row);
    explained.set(row, known);
    return known;
  };
  const trendOf = (row: number) => [idx(row), reasonsOf(row)?.trending ?? null] as const;
  const followOf = (row: number) => [idx(row), sumOf(reasonsOf(row)?.because ?? [], "followers")] as const;
  const refusedIn = (looks: ReadonlyMap<number, boolean>, rows: Iterable<number>) =>
    [...rows].filter((row) => looks.get(row) === false);

  const nearest = near?.found ?? [];
  const found = new Set(nearest.map(({ itemIdx }) => itemIdx));
  /** Whatever was looked at and refused, by item index. */
  const refused = new Set<number>([...last].flatMap(([itemIdx, [, passed]]) => (passed ? [] : [itemIdx])));
  for (const looks of [firstOfFollowers, firstOfOthers]) {
    for (const [row, isIn] of looks) if (!isIn) refused.add(idx(row));
  }
  const kept = beyond.filter(({ itemIdx }) => !found.has(itemIdx));
  for (const { itemIdx } of kept) refused.add(itemIdx);

  const looked = [...last.values()].map(([candidate]) => candidate);
  const filled = (source: string) =>
    looked.filter((one) => one.source === source).map((one) => [one.itemIdx, one.score] as const);
  const isIn = ([itemIdx]: readonly [number, number | null]): boolean => !refused.has(itemIdx);
  const fill = (source: "trending" | "catalogue") =>
    givenBy(
      fillers[source]!,
      filled(source).filter(isIn),
      filled(source).filter((one) => !isIn(one)),
    );
  const all = [
    ...givenBy(
      "followers",
      [...notes.followed].sort(([a, x], [b, y]) => y - x || a - b).map(([row, sum]) => [idx(row), sum]),
      refusedIn(firstOfFollowers, firstOfFollowers.keys()).map(followOf),
    ),
    ...givenBy(
      "taste",
      nearest.map(({ itemIdx, score }) => [itemIdx, score]),
      kept.map(({ itemIdx, score }) => [itemIdx, score]),
    ),
    ...givenBy(
      "trending",
      notes.trending.filter((row) => !refused.has(idx(row))).map(trendOf),
      refusedIn(firstOfOthers, notes.trending).map(trendOf),
    ),
    ...fill("trending"),
    ...fill("catalogue"),
    ...givenBy(
      "new",
      list.filter(({ source }) => source === "new").map(({ itemIdx, score }) => [itemIdx, score]),
      [],
    ),
  ];
  const givenTo = new Map<number, Array<Given>>();
  for (const [itemIdx, given] of all) givenTo.set(itemIdx, [...(givenTo.get(itemIdx) ?? []), given]);

  const candidates = new Map<number, Candidate>(
    [...looked, ...chosen, ...own, ...sunk, ...list].map((c) => [c.itemIdx, c]),
  );
  const isOwn = new Set(own.map(({ itemIdx }) => itemIdx));
  const enough = placesIn(sunk);
  const inOrder = placesIn(ordered);
  const selected = placesIn(chosen);
  const answered = placesIn(list);

  const outcomeOf = (itemIdx: number): Outcome => {
    if (answered.has(itemIdx)) return "answered";
    if (refused.has(itemIdx)) return "refused";
    if (isOwn.has(itemIdx) && !enough.has(itemIdx)) return "below_min_score";
    if (selected.has(itemIdx)) return "made_room";
    return last.has(itemIdx) ? "held_back" : "left_over";
  };

  const scoredOf = (itemIdx: number, row: number | undefined): Pick<Way, "score" | "parts"> => {
    const candidate = candidates.get(itemIdx);
    const isFill = candidate?.source === "trending" || candidate?.source === "catalogue";
    const why = isFill || row === undefined ? undefined : reasonsOf(row);
    if (why === undefined) return { score: candidate?.score ?? givenTo.get(itemIdx)?.[0]?.score ?? null, parts: null };
    const { score } =
      candidate?.isSunk === true
        ? candidate
        : rotate({ itemIdx, row, source: candidate?.source ?? "personalized", score: why.score });
    const followers = sumOf(why.because, "followers");
    return {
      score,
      parts: {
        followers,
        taste: sumOf(why.because, "taste"),
        trending: why.trending,
        shown: score === why.score ? 0 : score - why.score,
      },
    };
  };

  const ways = [...givenTo].map(([itemIdx, given]) => {
    const row = rowOfIdx(itemIdx);
    const outcome = outcomeOf(itemIdx);
    return {
      itemIdx,
      row,
      given,
      outcome,
      because: outcome === "refused" ? refusalsOf(itemIdx) : [],
      ...scoredOf(itemIdx, row),
    };
  });
  const isScored = ({ given, outcome }: (typeof ways)[number]): boolean =>
    outcome !== "refused" &&
    given.some(({ source }) => source === "followers" || source === "taste" || source === "trending");
  const before = ({ parts, score }: (typeof ways)[number]): number => (score ?? 0) - (parts?.shown ?? 0);
  const scored = ways.filter(isScored).sort((a, b) => before(b) - before(a) || a.row! - b.row!);
  const byScore = placesIn(reasons === undefined ? own : scored);
  const place = (places: ReadonlyMap<number, number>, itemIdx: number): number | null => places.get(itemIdx) ?? null;
  return ways.map((way) => ({
    ...way,
    places: {
      score: place(byScore, way.itemIdx),
      rotation: place(enough, way.itemIdx),
      order: place(inOrder, way.itemIdx),
      select: place(selected, way.itemIdx),
      answer: place(answered, way.itemIdx),
    },
  }));
};
