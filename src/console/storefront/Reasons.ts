/** Reasons: why an item stands where it stands: the exact parts of its score, and the heaviest of them in words. */
import type { Recommendation } from "../../serving/recommend/Answer.ts";
import type { Part } from "../kit/Bar.tsx";

/** What a list is made of, in the order of its bars. */
export const kinds = {
  taste: { label: "Taste", about: "like what they had to do with", color: "--part-1" },
  followers: { label: "Followers", about: "others went on to it from there", color: "--part-2" },
  trending: { label: "Trend", about: "popular in the shop now", color: "--part-3" },
  new: { label: "New", about: "nobody has had to do with it yet", color: "--part-4" },
  catalogue: { label: "Catalogue", about: "what else is for sale", color: "--part-6" },
} as const;
export type Kind = keyof typeof kinds;

export type Parts = Readonly<Record<Kind, number>>;

const none: Parts = { taste: 0, followers: 0, trending: 0, new: 0, catalogue: 0 };

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0);

/** They add up to the score, but for what was taken off since the item was shown. Without reasons, by the source alone. */
export const partsOf = ({ reasons, score, source }: Recommendation): Parts => {
  if (reasons !== undefined) {
    return {
      ...none,
      taste: sum(reasons.because.map(({ taste }) => taste)),
      followers: sum(reasons.because.map(({ followers }) => followers)),
      trending: reasons.trending,
    };
  }
  const kind = source === "personalized" || source === "similar" ? "taste" : source;
  return { ...none, [kind]: score };
};

export const barOf = (parts: Parts): ReadonlyArray<Part> =>
  (Object.keys(kinds) as ReadonlyArray<Kind>)
    .filter((kind) => parts[kind] !== 0)
    .map((kind) => ({ label: kinds[kind].label, color: kinds[kind].color, value: parts[kind] }));

/** Where a list comes from, in shares of its places; each place counts alike, whatever the scale of its score. */
export const originOf = (list: ReadonlyArray<Recommendation>): Parts => {
  const total: Record<Kind, number> = { ...none };
  for (const one of list) {
    const parts = one.source === "new" ? { ...none, new: 1 } : partsOf(one);
    const whole = sum(Object.values(parts).map((part) => Math.max(0, part)));
    if (whole <= 0) continue;
    for (const kind of Object.keys(kinds) as ReadonlyArray<Kind>) total[kind] += Math.max(0, parts[kind]) / whole;
  }
  return total;
};

/** The heaviest reason, with the item that it is because of. */
export const heaviest = ({
  reasons,
  source,
}: Recommendation): { readonly kind: Kind; readonly because: string | undefined } => {
  if (source === "new") return { kind: "new", because: undefined };
  if (reasons === undefined) {
    return {
      kind: source === "trending" ? "trending" : source === "catalogue" ? "catalogue" : "taste",
      because: undefined,
    };
  }
  let best: { kind: Kind; because: string | undefined; value: number } = {
    kind: "trending",
    because: undefined,
    value: reasons.trending,
  };
  for (const { article_id, followers, taste } of reasons.because) {
    if (taste + followers <= best.value) continue;
    best = { kind: taste >= followers ? "taste" : "followers", because: article_id, value: taste + followers };
  }
  return best;
};
