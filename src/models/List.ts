/** List: the models as a table and one model in full, for a person at a terminal. */
import { Effect } from "effect";
import { aligned } from "../domain/TextTable.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { type ModelSummary, modelSummaries } from "./Described.ts";
import { findModel } from "./Registry.ts";

const columns = ["", "id", "status", "rank", "users", "items", "loss", "behind by"] as const;

const lagText = ({ behind_by, beyond_log }: ModelSummary): string => {
  if (beyond_log) return "beyond the log's end";
  return behind_by === null ? "" : `${behind_by} events`;
};

/** One line per model, oldest first; the serving one is marked by an asterisk. */
export const modelTable = Effect.map(modelSummaries, (models) => {
  if (models.length === 0) return "no model yet; `batch` makes one";
  const rows = models.map((model) => {
    const { id, items, loss, rank, serves, status, users } = model;
    const numbers = [rank, users, items].map(String);
    return [serves ? "*" : "", id, status, ...numbers, loss?.toPrecision(5) ?? "", lagText(model)];
  });
  return aligned([columns, ...rows]).join("\n");
});

/** The registry's entry as JSON. */
export const modelDetails = (id: string) =>
  Effect.gen(function* () {
    const state = yield* Effect.flatMap(ModelRegistry, (registry) => registry.state);
    return JSON.stringify(yield* findModel(state, id), null, 2);
  });
