/**
 * Trace: one recommendation through its stages, as the serving code runs them: `Recommend.ts` answers, and a watch notes what it does.
 *
 * The gate is asked first inside the sources, so that what it keeps from the item index never comes of it. For a trace alone the
 * index is asked once more, behind the answer and without the gate, to tell what that was.
 */
import { Context, Effect, Layer } from "effect";
import { LiveCatalogue } from "../../../catalogue/LiveCatalogue.ts";
import { noItems } from "../../../domain/ItemSet.ts";
import { unpackShown } from "../../../domain/ShownItems.ts";
import { ItemIndex } from "../../../ports/ItemIndex.ts";
import { type InvalidInput, NotNow } from "../../Errors.ts";
import { ServingModel } from "../../ServingModel.ts";
import type { Asked } from "../Observer.ts";
import type { RecommendQuery } from "../Query.ts";
import { Recommend } from "../Recommend.ts";
import { refusals, refusalsOf } from "./Refusal.ts";
import { mostTraced, type Traced, type TracedItem } from "./Traced.ts";
import { type Notes, type Stage, watch } from "./Watch.ts";
import { givers, type Way, waysOf } from "./Ways.ts";

export interface TraceService {
  /** As `Recommend`, which answers the same list. Fails also while no model serves: then there are no stages. */
  readonly trace: (query: RecommendQuery) => Effect.Effect<Traced, InvalidInput | NotNow>;
}

const noStages = new NotNow({
  message:
    "No model serves yet, so a recommendation has no stages: it is being loaded, or there is none; then run the batch first (POST /batch).",
});

/** What the gate says of the whole catalogue at `now`, unix milliseconds. */
const catalogueOf = ({ exclude, passing, serving }: Asked, now: number): Traced["catalogue"] => {
  const { catalogue } = serving;
  let [forSale, matching, leftOut] = [0, 0, 0];
  for (let row = 0; row < catalogue.size(); row++) {
    if (catalogue.isOpen(row, now)) forSale += 1;
    if (passing.rows[row] !== 1) continue;
    matching += 1;
    if (exclude.has(catalogue.itemIdx[row]!)) leftOut += 1;
  }
  return { items: catalogue.size(), for_sale: forSale, matching, left_out: leftOut };
};

/** How many items are left behind each stage. */
const countsOf = (notes: Notes, answerable: number): Readonly<Record<Stage, number>> => ({
  query: answerable,
  taste: notes.near?.found.length ?? 0,
  popular: notes.trending.length,
  followers: notes.followed.length,
  score: notes.own.length,
  rotation: notes.sunk.length,
  order: notes.ordered.length,
  select: notes.chosen.length,
  explore: notes.list.length,
  words: notes.list.length,
});

const sourcesOf = (ways: ReadonlyArray<Way>): Traced["sources"] =>
  givers.flatMap((source) => {
    const from = ways.flatMap((way) =>
      way.given.filter((given) => given.source === source).map(({ place }) => ({ gave: place !== null, way })),
    );
    if (from.length === 0) return [];
    return {
      source,
      gave: from.filter(({ gave }) => gave).length,
      refused: from.filter(({ gave }) => !gave).length,
      answered: from.filter(({ way }) => way.outcome === "answered").length,
    };
  });

const removedOf = (ways: ReadonlyArray<Way>): Traced["removed"] =>
  refusals.flatMap((because) => {
    const items = ways.filter((way) => way.because[0] === because).length;
    return items === 0 ? [] : { because, items };
  });

/** The answer's first, then what the blend scored, then all else, each best first. */
const inOrder = (a: Way, b: Way): number =>
  (a.places.answer ?? Number.MAX_SAFE_INTEGER) - (b.places.answer ?? Number.MAX_SAFE_INTEGER) ||
  Number(b.parts !== null) - Number(a.parts !== null) ||
  (b.score ?? 0) - (a.score ?? 0) ||
  a.itemIdx - b.itemIdx;

const make = Effect.gen(function* () {
  const { recommend } = yield* Recommend;
  const { current } = yield* ServingModel;
  const index = yield* ItemIndex;
  const live = yield* LiveCatalogue;

  /** As near as what the index found, whatever the gate says; nothing while the index fails. */
  const beyond = ({ near }: Notes, { serving }: Asked) =>
    near === undefined
      ? Effect.succeed([])
      : Effect.orElseSucceed(
          index.search(serving.model, near.vector, near.wanted, {
            rows: new Uint8Array(serving.catalogue.size()).fill(1),
            where: undefined,
            exclude: new Set(noItems),
          }),
          () => [],
        );

  const trace: TraceService["trace"] = Effect.fnUntraced(function* (query) {
    if ((yield* current) === undefined) return yield* noStages;
    const clock = yield* Effect.clock;
    const begun = clock.unsafeCurrentTimeNanos();
    const { lap, notes, observer } = watch(() => clock.unsafeCurrentTimeNanos());
    const { next_page: _, recommendation_id: __, ...answer } = yield* recommend(query, observer);
    lap("words");
    const micros = Number((clock.unsafeCurrentTimeNanos() - begun) / 1000n);
    const { asked } = notes;
    if (asked === undefined) return yield* noStages;
    const { catalogue } = asked.serving;
    const { bought, hidden, interactions, shown } = asked.state;
    const why = refusalsOf(asked, live, notes.now);
    const found = yield* beyond(notes, asked);
    const ways = waysOf(notes, catalogue.itemIdx, catalogue.rowOfIdx, why, found).toSorted(inOrder);
    const whole = catalogueOf(asked, notes.now);
    const counts = countsOf(notes, whole.matching - whole.left_out);
    return {
      ...answer,
      micros,
      shopper: {
        interactions: interactions.length,
        bought: bought.length,
        hidden: hidden.length,
        shown: unpackShown(shown).length,
        has_taste: notes.near !== undefined,
      },
      catalogue: whole,
      stages: notes.laps.map(({ micros, stage }) => ({ stage, micros, items: counts[stage] })),
      sources: sourcesOf(ways),
      removed: removedOf(ways),
      items: ways.slice(0, mostTraced).map(
        ({ because, given, itemIdx, outcome, parts, places, row, score }): TracedItem => ({
          item_idx: itemIdx,
          metadata: row === undefined ? null : catalogue.metadata(row),
          given,
          outcome,
          because,
          score,
          parts,
          places,
        }),
      ),
      items_left_out: Math.max(0, ways.length - mostTraced),
    };
  });
  return { trace } satisfies TraceService as TraceService;
});

export class Trace extends Context.Tag("slipstream/Trace")<Trace, TraceService>() {
  static readonly layer = Layer.effect(Trace, make);
}
