/** Parameters: what the settings say of how a model is trained. */
import type { Config } from "effect";
import { batch, values } from "../config/Settings.ts";
import type { ModelParameters } from "../domain/Model.ts";

const { rank, regularization, alpha, iterations, seed } = batch;

export const parameters: Config.Config<ModelParameters> = values({ rank, regularization, alpha, iterations, seed });
