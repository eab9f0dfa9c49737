/** Counted: what the answers of a part count, noted in the process that made them and counted in the one that sends them. */
import { type Source, sources } from "../../domain/RecommendationId.ts";
import type { ItemAge } from "../../vitals/Measured.ts";
import { makeVitals, type VitalsService } from "../../vitals/Vitals.ts";

/** Of answers in their order. */
export interface Counted {
  /** How long each took. */
  readonly seconds: Float64Array;
  /** How many items each holds, and the code of each item's source. */
  readonly sizes: Uint8Array;
  readonly sources: Uint8Array;
  /** Places that were given to new items. */
  readonly explored: ReadonlyArray<ItemAge>;
}

export interface Noting {
  /** Of the process that notes. */
  readonly vitals: VitalsService;
  /** What was noted since it was last asked. */
  readonly take: () => Counted;
}

export const makeNoting = (): Noting => {
  const vitals = makeVitals();
  let seconds: Array<number> = [];
  let sizes: Array<number> = [];
  let codes: Array<number> = [];
  let explored: Array<ItemAge> = [];
  return {
    vitals: {
      ...vitals,
      measured: {
        ...vitals.measured,
        recommended: (_, took) => void seconds.push(took),
        explored: (age) => void explored.push(age),
      },
      attributed: {
        ...vitals.attributed,
        answered: (_, items) => {
          sizes.push(items.length);
          for (const { source } of items) codes.push(sources.indexOf(source));
        },
      },
    },
    take: () => {
      const counted: Counted = {
        seconds: Float64Array.from(seconds),
        sizes: Uint8Array.from(sizes),
        sources: Uint8Array.from(codes),
        explored,
      };
      [seconds, sizes, codes, explored] = [[], [], [], []];
      return counted;
    },
  };
};

const items = sources.map((source): { readonly source: Source } => ({ source }));

/** As if the answers of this model had been made here. */
export const count = (
  { attributed, measured }: Pick<VitalsService, "attributed" | "measured">,
  model: string,
  { explored, seconds, sizes, sources: codes }: Counted,
): void => {
  let from = 0;
  for (let i = 0; i < sizes.length; i++) {
    const list = Array.from(codes.subarray(from, from + (sizes[i] ?? 0)), (code) => items[code] as { source: Source });
    from += list.length;
    measured.recommended(list[0]?.source ?? "none", seconds[i] ?? 0);
    attributed.answered(model, list);
  }
  for (const age of explored) measured.explored(age);
};
