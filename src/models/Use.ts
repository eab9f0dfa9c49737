/**
 * Use: makes a model serve, once it has learnt all that the present one has.
 *
 * The model is set live, so that running updaters follow it; this process follows it too, in case there is none. When its
 * positions have passed the ends of the log as they stood, the registry's pointer is switched, in one step.
 */
import { Effect, Option, Schedule } from "effect";
import type { Model } from "../domain/Model.ts";
import { EventLog, EventLogError } from "../ports/EventLog.ts";
import { ItemIndex } from "../ports/ItemIndex.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { Progress } from "../ports/Progress.ts";
import { followModel } from "./Follow.ts";
import { forgetCaughtUp } from "./ForgetWord.ts";
import { findModel, ModelError, serve, withStatus } from "./Registry.ts";
import { positionsOf } from "./Standing.ts";

/** Events between the model's positions and the ends of the log; a position beyond its end fails. */
export const lagOf = (model: Model) =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    // Before the ends: the log may grow meanwhile.
    const positions = yield* Effect.flatten(positionsOf(model));
    const ends = yield* log.endOffsets;
    const beyond = positions.findIndex((position, p) => position > ends[p]);
    if (beyond >= 0) {
      return yield* new EventLogError({
        reason: "Corrupt",
        operation: "lag",
        message: `model ${model.id} has applied partition ${beyond} up to offset ${positions[beyond]}, but the event log ends at ${ends[beyond]}: acknowledged events are gone; restore the log from a backup, or make the model anew (\`batch\`)`,
      });
    }
    return positions.reduce((lag, position, p) => lag + ends[p] - position, 0n);
  });

/** Waits until the model has applied every event that was in the log when this began. */
const caughtUp = (model: Model) =>
  Effect.gen(function* () {
    const ends = yield* Effect.flatMap(EventLog, (log) => log.endOffsets);
    const behind = Effect.map(yield* positionsOf(model), (positions) =>
      ends.reduce((lag, end, p) => lag + (end > positions[p] ? end - positions[p] : 0n), 0n),
    );
    const total = yield* behind;
    if (total === 0n) return;
    const progress = yield* Progress;
    const task = yield* progress.task({ label: "replaying events", unit: "events", total: Number(total) });
    let left = total;
    yield* behind.pipe(
      Effect.tap((now) =>
        Effect.sync(() => {
          task.advance(Number(left - now));
          left = now;
        }),
      ),
      Effect.repeat({ until: (now) => now === 0n, schedule: Schedule.spaced("20 millis") }),
    );
  }).pipe(Effect.scoped);

/** Says how a loaded model comes to serve, where it does not. */
export const tellUse = ({ id }: Model) =>
  Effect.gen(function* () {
    const { serving } = yield* Effect.flatMap(ModelRegistry, (registry) => registry.state);
    if (Option.contains(serving, id)) return;
    yield* Effect.logInfo(`model ${id} does not serve: \`models use ${id}\` switches to it`);
  });

/** Catches `id` up and switches to it; answers the model. The one that served stays live, to switch back to. */
export const useModel = (id: string) =>
  Effect.gen(function* () {
    const registry = yield* ModelRegistry;
    const model = yield* findModel(yield* registry.state, id);
    if (model.status === "trained") {
      return yield* new ModelError({
        reason: "NotLoaded",
        message: `model ${model.id} is trained but not loaded; run \`batch load --model ${model.id}\``,
      });
    }
    yield* registry.update((state) => [undefined, withStatus(state, model.id, "live")]);
    yield* caughtUp(model).pipe(
      // What came in meanwhile; the rest is behind by milliseconds, and a token waits for it.
      Effect.zipRight(caughtUp(model)),
      Effect.raceFirst(Effect.scoped(followModel(model))),
    );
    yield* forgetCaughtUp(model);
    const switching = yield* registry.update((state) => {
      const isLive = state.models.some((one) => one.id === model.id && one.status === "live");
      return isLive ? [{ previous: state.serving }, serve(state, model.id)] : [undefined, state];
    });
    if (switching === undefined) {
      return yield* new ModelError({
        reason: "NotLoaded",
        message: `model ${model.id} was deleted or retired by another process meanwhile, and does not serve: look at \`models list\`, and use one that there is`,
      });
    }
    const { previous } = switching;
    yield* Effect.flatMap(ItemIndex, (index) => index.serve(model.id)).pipe(
      Effect.catchAll((error) =>
        Effect.logWarning(`readers of the item index from outside still see the last model: ${error.message}`),
      ),
    );
    const switched = Option.getOrUndefined(previous) !== model.id;
    yield* Effect.logInfo(
      switched
        ? `model ${model.id} serves${Option.isSome(previous) ? `; \`models use ${previous.value}\` switches back` : ""}`
        : `model ${model.id} serves already`,
    );
    return model;
  });
