/** List: the models as a table and one model in full, for a person at a terminal. */
import { Effect, Option } from "effect";
import type { Model } from "../domain/Model.ts";
import { aligned } from "../domain/TextTable.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { findModel } from "./Registry.ts";
import { lagOf } from "./Use.ts";

const columns = ["", "id", "status", "rank", "users", "items", "loss", "behind by"] as const;

const lastLoss = ({ metrics }: Model): string => {
  const { loss } = metrics;
  const last = typeof loss === "number" ? loss : loss?.at(-1);
  return last === undefined ? "" : last.toPrecision(5);
};

const lagText = (model: Model) =>
  lagOf(model).pipe(
    Effect.map((lag) => `${lag} events`),
    Effect.catchIf(
      (error) => error._tag === "EventLogError" && error.reason === "Corrupt",
      () => Effect.succeed("beyond the log's end"),
    ),
  );

/** One line per model, oldest first; the serving one is marked by an asterisk. */
export const modelTable = Effect.gen(function* () {
  const { models, serving } = yield* Effect.flatMap(ModelRegistry, (registry) => registry.state);
  if (models.length === 0) return "no model yet; `batch` makes one";
  const rows = yield* Effect.forEach(models, (model) =>
    Effect.gen(function* () {
      const lag = model.status === "live" ? yield* lagText(model) : "";
      const mark = Option.getOrUndefined(serving) === model.id ? "*" : "";
      const { users, items, parameters } = model;
      return [
        mark,
        model.id,
        model.status,
        String(parameters.rank),
        String(users),
        String(items),
        lastLoss(model),
        lag,
      ];
    }),
  );
  return aligned([columns, ...rows]).join("\n");
});

/** The registry's entry as JSON. */
export const modelDetails = (id: string) =>
  Effect.gen(function* () {
    const state = yield* Effect.flatMap(ModelRegistry, (registry) => registry.state);
    return JSON.stringify(yield* findModel(state, id), null, 2);
  });
