/**
 * Attributed: items that answers held, and events that came of them, by source, position and model: since this process began.
 * Few labels, whatever is sent: positions in buckets, and the newest models alone.
 */
import type { NamedAnswer, Source } from "../domain/RecommendationId.ts";

/** Of positions from 1, and what is told of an item that its answer did not hold. */
export const positionBuckets = ["1", "2", "3", "4-5", "6-10", "11-20", "21+"] as const;
export type PositionBucket = (typeof positionBuckets)[number];

export const bucketOf = (position: number): PositionBucket =>
  position <= 3
    ? (String(Math.max(1, position)) as PositionBucket)
    : position <= 5
      ? "4-5"
      : position <= 10
        ? "6-10"
        : position <= 20
          ? "11-20"
          : "21+";

/** So many models are told of, the newest; what was counted of those before is told no more. */
const keptModels = 4;
/** Of a model that this process neither serves nor follows, or of none. */
const others = "other";
const nowhere = "none";

type Counts = Map<string, number>;
type Labels = Readonly<Record<string, string>>;
type Sample = readonly [Labels, number];

export interface Attributed {
  /** An answer of the model, null where none serves, had items of these sources, in order, after as many on pages before. */
  readonly answered: (model: string | null, items: ReadonlyArray<{ readonly source: Source }>, before?: number) => void;
  /** An event of this type was applied that named such an answer; `isKnown` tells of a model of this process. */
  readonly acted: (
    eventType: string,
    itemId: string,
    answer: NamedAnswer | undefined,
    isKnown: (model: string) => boolean,
  ) => void;
  readonly items: () => ReadonlyArray<Sample>;
  readonly events: () => ReadonlyArray<Sample>;
}

/** Counts of the newest models, by a key. */
const byModel = (names: ReadonlyArray<string>) => {
  const models = new Map<string, Counts>();
  return {
    countsOf: (model: string): Counts => {
      const known = models.get(model);
      if (known !== undefined) return known;
      const own = [...models.keys()].filter((one) => one !== others);
      if (model !== others && own.length >= keptModels) models.delete(own[0] as string);
      const counts: Counts = new Map();
      models.set(model, counts);
      return counts;
    },
    samples: (): ReadonlyArray<Sample> =>
      Array.from(models, ([model, counts]) =>
        Array.from(counts, ([key, count]): Sample => {
          const values = key.split("\n");
          return [{ ...Object.fromEntries(names.map((name, i) => [name, values[i] as string])), model }, count];
        }),
      ).flat(),
  };
};

const add = (counts: Counts, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

/** The key of a place, made once. */
const places = new Map<string, ReadonlyArray<string>>();
const placeKey = (source: string, position: number): string => {
  const made = places.get(source) ?? ["", ...Array.from({ length: 21 }, (_, i) => `${source}\n${bucketOf(i + 1)}`)];
  places.set(source, made);
  return made[Math.min(position, 21)] as string;
};

export const makeAttributed = (): Attributed => {
  const items = byModel(["source", "position"]);
  const events = byModel(["event_type", "source", "position"]);
  return {
    answered: (model, list, before = 0) => {
      const counts = items.countsOf(model ?? others);
      for (let place = 0; place < list.length; place++) {
        add(counts, placeKey((list[place] as { readonly source: Source }).source, before + place + 1));
      }
    },
    acted: (eventType, itemId, answer, isKnown) => {
      const place = answer?.find(itemId);
      const model = answer?.model !== undefined && isKnown(answer.model) ? answer.model : others;
      const where = place === undefined ? `${nowhere}\n${nowhere}` : placeKey(place.source ?? others, place.position);
      add(events.countsOf(model), `${eventType}\n${where}`);
    },
    items: items.samples,
    events: events.samples,
  };
};
