/** Words: how the page says what a trace names, in the order in which it happens. */
import type { Traced } from "../../serving/recommend/trace/Traced.ts";

export type Item = Traced["items"][number];
export type Giver = Item["given"][number]["source"];
export type Refusal = Traced["removed"][number]["because"];
export type Stage = Traced["stages"][number]["stage"];
export type Order = keyof Item["places"];

interface Worded {
  readonly label: string;
  readonly about: string;
}

export const givers: Readonly<Record<Giver, Worded & { readonly color: string }>> = {
  followers: { label: "Followers", about: "what others went on to after the shopper's items", color: "--part-2" },
  taste: { label: "Taste", about: "near to their taste, from the item index", color: "--part-1" },
  trending: { label: "Trend", about: "popular now, beside what is their own", color: "--part-3" },
  trending_fill: { label: "Fill: trend", about: "popular now, where their own is too little", color: "--part-5" },
  catalogue_fill: { label: "Fill: catalogue", about: "all else, by the batch's popularity", color: "--part-6" },
  new: { label: "New items", about: "tried in a place of their own", color: "--part-4" },
};

export const refusals: Readonly<Record<Refusal, string>> = {
  hidden: "hidden by the shopper",
  bought: "bought before",
  seen: "seen before",
  shown: "shown before",
  given: "on a page before",
  excluded: "excluded by id",
  removed: "gone from the catalogue",
  unavailable: "not available",
  not_valid: "not valid at this time",
  filter: "not as the filter asks",
  unknown: "not known to the model",
  changed: "changed meanwhile",
};

export const outcomes: Readonly<Record<Item["outcome"], string>> = {
  answered: "in the answer",
  refused: "taken out",
  below_min_score: "scores too little",
  held_back: "one variant too many",
  made_room: "made room for a new item",
  left_over: "others came before",
};

export const stages: Readonly<Record<Stage, Worded>> = {
  query: { label: "Question", about: "who asks, and which items may be answered" },
  taste: { label: "Taste", about: "items near to what they liked, from the index" },
  popular: { label: "Trend", about: "what is popular now, and what follows what" },
  followers: { label: "Followers", about: "what others went on to after their items" },
  score: { label: "Score", about: "the sum of its parts; the best go on" },
  rotation: { label: "Rotation", about: "what was shown in vain sinks" },
  order: { label: "Diversity", about: "each unlike those before it" },
  select: { label: "Select", about: "last look of the gate, variants, filling up" },
  explore: { label: "New items", about: "places for what nobody knows yet" },
  words: { label: "Words", about: "names and reasons" },
};

/** The orders that an item has places in, one after the other. */
export const orders: ReadonlyArray<readonly [Order, string]> = [
  ["score", "By score"],
  ["rotation", "Rotated"],
  ["order", "Diverse"],
  ["select", "Selected"],
  ["answer", "Answer"],
];

export const nameOf = ({ item_idx, metadata }: Item): string =>
  metadata?.prod_name || metadata?.item_id || `item ${item_idx}`;

/** What it is in the list for: the largest part of its score or, where that has none, who gave it first. */
export const giverOf = ({ given, parts }: Item): Giver => {
  if (given.some(({ source }) => source === "new")) return "new";
  if (parts === null) return given[0]?.source ?? "catalogue_fill";
  const { followers, taste, trending } = parts;
  if (trending > followers && trending > taste) return "trending";
  return followers >= taste ? "followers" : "taste";
};
