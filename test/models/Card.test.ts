/** The card of a model says which settings it has, and why. */
import { expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { defaultLearning } from "../../src/domain/Learning.ts";
import { modelCard } from "../../src/models/Card.ts";
import { evidenceSentence } from "../../src/models/Evidence.ts";
import { ModelRegistry } from "../../src/ports/ModelRegistry.ts";
import { MemoryRegistry, modelOf } from "../support/Models.ts";

const parameters = { rank: 64, regularization: 3, alpha: 40, regularizationExponent: 0.5, iterations: 10, seed: 42 };
const evidence = {
  ...{ cutoff: 20, defaultNdcg: 0.09, tunedNdcg: 0.1012, gain: { mean: 0.0112, margin: 0.004 } },
  ...{ events: 700, shoppers: 70, from: 1_700_000_000, to: 1_700_600_000, interactions: 9_000, trials: 30 },
  defaults: { parameters, learning: defaultLearning, metric: "cosine" as const },
};
const tuned = modelOf("20260102T000000-00bb", {
  parameters,
  learning: { ...defaultLearning, blend: { decay: 0.6, taste: 0.2, popularity: 0.3 } },
  metric: "cosine",
  snapshot: {
    tables: {},
    offsets: {},
    eventTypes: [
      { name: "view", weight: 0.1 },
      { name: "purchase", weight: 1, role: "buys" },
      { name: "return", weight: 0, role: "takes-back" },
    ],
  },
  halfLifeSeconds: 5 * 86_400,
  reasons: { ALS_RANK: "given", ALS_ALPHA: "tuned", BLEND_DECAY: "tuned", METRIC: "default" },
  learntFrom: { users: 80, items: 60, events: 900 },
  evidence,
});

const card = (id: string) =>
  Effect.provideService(
    modelCard(id),
    ModelRegistry,
    new MemoryRegistry([modelOf("20260101T000000-00aa"), tuned], tuned.id).service,
  );

it.effect("names each setting, its value and its reason, and what tuning was worth", () =>
  Effect.gen(function* () {
    const text = yield* card("20260102");
    expect(text).toContain(
      "model 20260102T000000-00bb, serves: made 2026-01-01T00:00:00.000Z of 900 events of 80 users and 60 items",
    );
    const rows = text.split("\n").map((line) => line.split(/ +/));
    expect(rows).toContainEqual(["ALS_RANK", "64", "given"]);
    expect(rows).toContainEqual(["ALS_ALPHA", "40", "tuned"]);
    expect(rows).toContainEqual(["BLEND_DECAY", "0.6", "tuned"]);
    expect(rows).toContainEqual(["METRIC", "cosine", "default"]);
    expect(text).not.toContain("FOLD_IN_DECAY");
    expect(text).toContain("popularity halves every 5.0 days");
    expect(text).toContain("learns from view=0.1, purchase=1 buys, return=0 takes-back");
    expect(text).toContain(
      "NDCG@20 0.1012 with the tuned settings, 0.0900 with the defaults: +0.0112 ± 0.0040 (95 % interval of the paired difference over 70 shoppers), on 700 events from 2023-11-14 to 2023-11-21",
    );
  }),
);

it("says what the model was given otherwise than was measured", () => {
  const besides = ["ALS_RANK=32, where 64 is given", "METRIC=cosine, where dot is given"];
  expect(evidenceSentence({ ...evidence, besides })).toBe(
    `${evidenceSentence(evidence)}; measured with ALS_RANK=32, where 64 is given; with METRIC=cosine, where dot is given`,
  );
});

it.effect("says of a model of before what is not known", () =>
  Effect.gen(function* () {
    const text = yield* card("20260101");
    expect(text).toContain("why it has these settings is not known");
    expect(text).toContain("each role's own settings");
    expect(text).toContain("learns from click=0.1, add_to_cart=0.5, purchase=1 buys");
    expect(text).not.toContain("tuned");
  }),
);
