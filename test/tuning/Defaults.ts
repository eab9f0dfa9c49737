/** Defaults: a recipe to start from, of which nothing was given. */
import { defaultLearning } from "../../src/domain/Learning.ts";
import type { Recipe } from "../../src/domain/Model.ts";
import type { Given } from "../../src/tuning/Space.ts";

export const defaults: Recipe = {
  parameters: { rank: 32, regularization: 0.01, alpha: 1, iterations: 10, seed: 42 },
  learning: defaultLearning,
  metric: "cosine",
};

export const noneGiven: Given = { parameters: {}, learning: { blend: {} } };
