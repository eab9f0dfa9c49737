/** Parameters: what the settings say of how a model is trained. */
import type { Config } from "effect";
import { values } from "../config/Setting.ts";
import type { ModelParameters } from "../domain/Model.ts";
import { training } from "./Settings.ts";

const { rank, regularization, alpha, iterations, seed } = training;

export const parameters: Config.Config<ModelParameters> = values({ rank, regularization, alpha, iterations, seed });
