/** Health: whether this process can serve: each store asked for something small, and which model answers. */
import { Clock, Context, Effect, Layer, Schema } from "effect";
import { type Check, Checks, NotReady, Warning } from "../http/Problem.ts";
import { EventLog } from "../ports/EventLog.ts";
import { ItemIndex } from "../ports/ItemIndex.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { Popular } from "../ports/Popular.ts";
import { UserStates } from "../ports/UserStates.ts";
import { Retraining, retrainingReport } from "../vitals/Retraining.ts";
import { Vitals, type VitalsService } from "../vitals/Vitals.ts";
import { ServingModel } from "./ServingModel.ts";

export const Ready = Schema.Struct({
  status: Schema.Literal("ready"),
  model: Schema.String.annotations({ description: "Id of the serving model." }),
  newer_model: Schema.NullOr(Schema.Struct({ id: Schema.String, detail: Schema.String })).annotations({
    description: "A model that the last batch made and did not put to use, and why; null where there is none.",
  }),
  retraining: Schema.NullOr(Retraining),
  checks: Checks,
  warnings: Schema.Array(Warning).annotations({
    description: "What does not work beside the answering of recommendations; the process stays ready.",
  }),
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

/** What the roles of this process wait for, and what they could not write just now. A load balancer is not told of it. */
const warningsOf = ({ outages, writes }: VitalsService): Effect.Effect<ReadonlyArray<Warning>> =>
  Effect.gen(function* () {
    const told = outages().map(({ reason, role, store }): Warning => ({ role, store, detail: reason }));
    const tried = yield* Effect.forEach(
      [...writes].filter(([store]) => told.every((warning) => warning.store !== store)),
      ([store, { role, trial }]) => Effect.map(check(trial), ({ detail }) => ({ role, store, detail })),
      { concurrency: "unbounded" },
    );
    return [...told, ...tried.flatMap(({ detail, ...at }) => (detail === undefined ? [] : [{ ...at, detail }]))];
  });

const make = Effect.gen(function* () {
  const vitals = yield* Vitals;
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
    const [checks, warnings] = yield* Effect.all(
      [
        Effect.all(probes, { concurrency: "unbounded" }) as Effect.Effect<Readonly<Record<string, Check>>>,
        warningsOf(vitals),
      ],
      { concurrency: 2 },
    );
    const down = Object.keys(checks).filter((name) => checks[name].status === "down");
    if (serving !== undefined && down.length === 0) {
      const held = yield* servingModel.held;
      return {
        status: "ready" as const,
        model: serving.model,
        newer_model: held ?? null,
        retraining: retrainingReport(vitals.retraining.now),
        checks,
        warnings,
      };
    }
    const reasons = [
      ...(serving === undefined ? ["no model serves yet (run the batch, or wait until it is loaded)"] : []),
      ...(down.length === 0 ? [] : [`down: ${down.join(", ")}`]),
    ];
    return yield* Effect.fail(
      new NotReady({ detail: `Not ready: ${reasons.join("; ")}.`, model: serving?.model ?? null, checks, warnings }),
    );
  });

  return { ready };
});

export class Health extends Context.Tag("slipstream/Health")<Health, HealthService>() {
  static readonly layer = Layer.effect(Health, make);
}
