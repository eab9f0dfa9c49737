/**
 * Attributed: items that answers held, and events that came of them, by source, position and model: since this process began.
 * Few labels, whatever is sent: positions in buckets, and the newest models alone.
 */
import { type NamedAnswer, type Source, sources } from "../domain/RecommendationId.ts";

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

/** One of each for the newest models, and one for all others. */
const byModel = <A>(make: () => A) => {
  const models = new Map<string, A>();
  return {
    of: (model: string): A => {
      const known = models.get(model);
      if (known !== undefined) return known;
      const own = [...models.keys()].filter((one) => one !== others);
      if (model !== others && own.length >= keptModels) models.delete(own[0] as string);
      const made = make();
      models.set(model, made);
      return made;
    },
    samples: (samplesOf: (model: string, of: A) => ReadonlyArray<Sample>): ReadonlyArray<Sample> =>
      Array.from(models, ([model, of]) => samplesOf(model, of)).flat(),
  };
};

const buckets = positionBuckets.length;
/** By position, up to the first of the last bucket: its bucket's number. */
const bucketNumbers = Uint8Array.from({ length: 22 }, (_, position) => positionBuckets.indexOf(bucketOf(position)));
const numberOf = (position: number): number => bucketNumbers[Math.min(position, 21)] as number;

const addTo = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

export const makeAttributed = (): Attributed => {
  /** A row of buckets for each source: every answer counts all of its items. */
  const items = byModel(() => new Float64Array(sources.length * buckets));
  const events = byModel(() => new Map<string, number>());
  return {
    answered: (model, list, before = 0) => {
      const counts = items.of(model ?? others);
      for (let place = 0; place < list.length; place++) {
        const row = sources.indexOf((list[place] as { readonly source: Source }).source);
        counts[row * buckets + numberOf(before + place + 1)]++;
      }
    },
    acted: (eventType, itemId, answer, isKnown) => {
      const place = answer?.find(itemId);
      const model = answer?.model !== undefined && isKnown(answer.model) ? answer.model : others;
      const where = place === undefined ? [nowhere, nowhere] : [place.source ?? others, bucketOf(place.position)];
      addTo(events.of(model), [eventType, ...where].join("\n"));
    },
    items: () =>
      items.samples((model, counts) =>
        sources.flatMap((source, row) =>
          positionBuckets.flatMap((position, column): ReadonlyArray<Sample> => {
            const count = counts[row * buckets + column] as number;
            return count === 0 ? [] : [[{ source, position, model }, count]];
          }),
        ),
      ),
    events: () =>
      events.samples((model, counts) =>
        Array.from(counts, ([key, count]): Sample => {
          const [event_type = "", source = "", position = ""] = key.split("\n");
          return [{ event_type, source, position, model }, count];
        }),
      ),
  };
};
