/** Parameters: what the settings say of how a model is trained. */
import { Config } from "effect";
import { values } from "../config/Setting.ts";
import type { ModelParameters } from "../domain/Model.ts";
import { training } from "./Settings.ts";

const { threads: _, ...ofTheModel } = training;

/** An exponent of 0 is left out: such a model is none but those that were trained before there were exponents. */
export const parameters: Config.Config<ModelParameters> = Config.map(
  values(ofTheModel),
  ({ regularizationExponent, unobservedExponent, ...others }) => ({
    ...others,
    ...(regularizationExponent === 0 ? {} : { regularizationExponent }),
    ...(unobservedExponent === 0 ? {} : { unobservedExponent }),
  }),
);
