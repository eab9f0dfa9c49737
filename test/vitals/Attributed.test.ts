/** What is counted of answers and of what came of them, as /metrics tells it. */
import { describe, expect, it } from "vitest";
import { makeNameAnswer, readRecommendationId, type Source } from "../../src/domain/RecommendationId.ts";
import { bucketOf } from "../../src/vitals/Attributed.ts";
import { metricsText } from "../../src/vitals/Metrics.ts";
import { makeVitals, type VitalsService } from "../../src/vitals/Vitals.ts";

const linesOf = (vitals: VitalsService, name: string) =>
  metricsText(vitals, undefined, undefined)
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`));

const answer = (model: string | undefined, ...items: ReadonlyArray<readonly [string, Source]>) =>
  readRecommendationId(
    makeNameAnswer(1)(
      0,
      model,
      items.map(([itemId, source]) => ({ itemId, source })),
    ),
  );

describe("what came of answers", () => {
  it("counts the items of answers by source, position and model", () => {
    const vitals = makeVitals();
    const list = (sources: ReadonlyArray<Source>) => sources.map((source) => ({ source }));
    vitals.attributed.answered("a", list(["personalized", "personalized", "new", "trending", "trending", "trending"]));
    vitals.attributed.answered("a", list(["personalized", "catalogue"]));
    vitals.attributed.answered(null, list(["catalogue"]));
    expect(linesOf(vitals, "slipstream_recommended_items_total")).toEqual([
      'slipstream_recommended_items_total{source="personalized",position="1",model="a"} 2',
      'slipstream_recommended_items_total{source="personalized",position="2",model="a"} 1',
      'slipstream_recommended_items_total{source="trending",position="4-5",model="a"} 2',
      'slipstream_recommended_items_total{source="trending",position="6-10",model="a"} 1',
      'slipstream_recommended_items_total{source="catalogue",position="2",model="a"} 1',
      'slipstream_recommended_items_total{source="new",position="3",model="a"} 1',
      'slipstream_recommended_items_total{source="catalogue",position="1",model="other"} 1',
    ]);
  });

  it("counts events by where their item stood; of no such item, and of foreign ids, as none", () => {
    const vitals = makeVitals();
    const given = answer("a", ["shoes", "personalized"], ["hat", "new"]);
    const isKnown = (model: string) => model === "a";
    for (const itemId of ["shoes", "hat", "hat", "scarf"]) vitals.attributed.acted("click", itemId, given, isKnown);
    vitals.attributed.acted("purchase", "hat", given, isKnown);
    vitals.attributed.acted("click", "shoes", answer("deleted", ["shoes", "trending"]), isKnown);
    vitals.attributed.acted("click", "shoes", undefined, isKnown);
    expect(linesOf(vitals, "slipstream_recommendation_events_total")).toEqual([
      'slipstream_recommendation_events_total{event_type="click",source="personalized",position="1",model="a"} 1',
      'slipstream_recommendation_events_total{event_type="click",source="new",position="2",model="a"} 2',
      'slipstream_recommendation_events_total{event_type="click",source="none",position="none",model="a"} 1',
      'slipstream_recommendation_events_total{event_type="purchase",source="new",position="2",model="a"} 1',
      'slipstream_recommendation_events_total{event_type="click",source="trending",position="1",model="other"} 1',
      'slipstream_recommendation_events_total{event_type="click",source="none",position="none",model="other"} 1',
    ]);
  });

  it("has few labels, however many models come and whatever positions are asked for", () => {
    const vitals = makeVitals();
    const list = Array.from({ length: 100 }, () => ({ source: "personalized" as const }));
    for (let model = 0; model < 50; model++) {
      vitals.attributed.answered(`m${model}`, list);
      vitals.attributed.acted("click", "a", answer(`m${model}`, ["a", "new"]), () => true);
      vitals.attributed.acted("click", "a", undefined, () => true);
    }
    expect(linesOf(vitals, "slipstream_recommended_items_total")).toHaveLength(4 * 7);
    expect(linesOf(vitals, "slipstream_recommended_items_total").at(-1)).toMatch(/position="21\+",model="m49"} 80$/);
    const events = linesOf(vitals, "slipstream_recommendation_events_total");
    expect(events).toHaveLength(5);
    expect(events.find((line) => line.includes("other"))).toMatch(/ 50$/);
  });

  it("has a bucket for each position", () => {
    expect([1, 2, 3, 4, 5, 6, 10, 11, 20, 21, 100].map(bucketOf)).toEqual([
      ...["1", "2", "3", "4-5", "4-5", "6-10", "6-10", "11-20", "11-20", "21+", "21+"],
    ]);
  });
});
