/** Card: what a model was made and is served by, and why, for a person at a terminal. */
import { Effect, Option } from "effect";
import { eventTypesText } from "../domain/EventTypes.ts";
import { defaultLearning } from "../domain/Learning.ts";
import { type Model, trainedTypes } from "../domain/Model.ts";
import { aligned } from "../domain/TextTable.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { settingsOf } from "./Described.ts";
import { evidenceSentence } from "./Evidence.ts";
import { findModel } from "./Registry.ts";

const cardOf = (model: Model, serves: boolean): string => {
  const { createdAt, evidence, halfLifeSeconds, id, learntFrom, reasons, status } = model;
  const from =
    learntFrom === undefined
      ? `${model.users} users and ${model.items} items`
      : `${learntFrom.events} events of ${learntFrom.users} users and ${learntFrom.items} items`;
  const rows = settingsOf(model).map(([{ env }, value]) => [env, String(value), reasons?.[env] ?? ""]);
  return [
    `model ${id}, ${serves ? "serves" : status}: made ${createdAt} of ${from}`,
    "",
    ...aligned([["setting", "value", "why"], ...rows]),
    "",
    ...(reasons === undefined ? ["why it has these settings is not known: it was made by an earlier version"] : []),
    `learns from ${eventTypesText(trainedTypes(model.snapshot).list)}`,
    ...(model.learning === undefined
      ? [`how its shoppers are learnt from is each role's own settings (default: ${defaultLearning.learner})`]
      : []),
    ...(halfLifeSeconds === undefined
      ? []
      : [`popularity halves every ${(halfLifeSeconds / 86_400).toFixed(1)} days, by how fast its events came`]),
    ...(evidence === undefined ? [] : [`tuned: ${evidenceSentence(evidence)}`]),
  ].join("\n");
};

/** The settings of a model, where each comes from, and the evidence for those that were tuned. */
export const modelCard = (id: string) =>
  Effect.gen(function* () {
    const state = yield* Effect.flatMap(ModelRegistry, (registry) => registry.state);
    const model = yield* findModel(state, id);
    return cardOf(model, Option.getOrUndefined(state.serving) === model.id);
  });
