/** Health: whether this process can serve: each store asked for something small, and which model answers. */
import { Clock, Context, Effect, Layer, Schema } from "effect";
import { EventLog } from "../ports/EventLog.ts";
import { ItemIndex } from "../ports/ItemIndex.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { Popular } from "../ports/Popular.ts";
import { UserStates } from "../ports/UserStates.ts";
import { type Check, Checks, NotReady } from "./Problem.ts";
import { ServingModel } from "./ServingModel.ts";

export const Ready = Schema.Struct({
  status: Schema.Literal("ready"),
  model: Schema.String.annotations({ description: "Id of the serving model." }),
  checks: Checks,
}).annotations({ identifier: "Ready" });
export type Ready = typeof Ready.Type;

export interface HealthService {
  readonly ready: Effect.Effect<Ready, NotReady>;
}

const patience = "2 seconds";

/** Asks a store: whether it answers in time, and how long it took. */
export const check = <A, E extends { readonly message: string }>(self: Effect.Effect<A, E>): Effect.Effect<Check> =>
  Effect.gen(function* () {
    const started = yield* Clock.currentTimeNanos;
    const detail = yield* self.pipe(
      Effect.timeoutFail({ duration: patience, onTimeout: () => ({ message: `no answer within ${patience}` }) }),
      Effect.match({ onFailure: (error) => error.message, onSuccess: () => undefined }),
    );
    const latency_ms = Number((yield* Clock.currentTimeNanos) - started) / 1e6;
    return detail === undefined ? { status: "up", latency_ms } : { status: "down", latency_ms, detail };
  });

const make = Effect.gen(function* () {
  const [registry, users, index, popular, log, servingModel] = yield* Effect.all([
    ModelRegistry,
    UserStates,
    ItemIndex,
    Popular,
    EventLog,
    ServingModel,
  ]);

  const ready = Effect.gen(function* () {
    const serving = yield* servingModel.current;
    const probes = {
      model_registry: check(registry.state),
      popular: check(popular.get),
      event_log: check(log.endOffsets),
      ...(serving === undefined
        ? {}
        : {
            user_states: check(users.position(serving.model, 0)),
            item_index: check(index.search(serving.model, new Float32Array(serving.catalogue.rank), 1, {})),
          }),
    };
    const checks: Readonly<Record<string, Check>> = yield* Effect.all(probes, { concurrency: "unbounded" });
    const down = Object.keys(checks).filter((name) => checks[name].status === "down");
    if (serving !== undefined && down.length === 0) return { status: "ready" as const, model: serving.model, checks };
    const reasons = [
      ...(serving === undefined ? ["no model serves yet (run the batch, or wait until it is loaded)"] : []),
      ...(down.length === 0 ? [] : [`down: ${down.join(", ")}`]),
    ];
    return yield* Effect.fail(
      new NotReady({ detail: `Not ready: ${reasons.join("; ")}.`, model: serving?.model ?? null, checks }),
    );
  });

  return { ready };
});

export class Health extends Context.Tag("slipstream/Health")<Health, HealthService>() {
  static readonly layer = Layer.effect(Health, make);
}
