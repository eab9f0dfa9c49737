/** Health: whether this process can serve: each store asked for something small, and which model answers. */
import { Context, Effect, Layer } from "effect";
import { LiveCatalogue } from "../catalogue/LiveCatalogue.ts";
import type { Held } from "../models/Shrinkage.ts";
import type { Catalogue } from "../ports/Catalogue.ts";
import type { EventLog } from "../ports/EventLog.ts";
import type { ItemIndex } from "../ports/ItemIndex.ts";
import type { ModelRegistry } from "../ports/ModelRegistry.ts";
import type { Popular } from "../ports/Popular.ts";
import type { UserStates } from "../ports/UserStates.ts";
import { type Checks, checkAll, downOf } from "../vitals/Check.ts";
import * as Probe from "../vitals/Probe.ts";
import { type RetrainingReport, retrainingReport } from "../vitals/Retraining.ts";
import { Vitals } from "../vitals/Vitals.ts";
import { type Warning, warningsOf } from "../vitals/Warnings.ts";
import { ServingModel } from "./ServingModel.ts";

export interface Readiness {
  /** Id of the model that serves, where one does. */
  readonly model: string | undefined;
  /** A newer one that waits for a person's word. */
  readonly newerModel: Held | undefined;
  readonly retraining: RetrainingReport | null;
  readonly checks: Checks;
  /** What does not work beside the answering of recommendations: a load balancer is not told of it. */
  readonly warnings: ReadonlyArray<Warning>;
  /** Why it cannot serve; nothing where it can. */
  readonly wrong: ReadonlyArray<string>;
}

export interface HealthService {
  readonly readiness: Effect.Effect<Readiness>;
}

type Asked = Catalogue | EventLog | ItemIndex | ModelRegistry | Popular | UserStates;

const make = Effect.gen(function* () {
  const vitals = yield* Vitals;
  const servingModel = yield* ServingModel;
  const live = yield* LiveCatalogue;
  const stores = yield* Effect.context<Asked>();

  const readiness = Effect.gen(function* () {
    const serving = yield* servingModel.current;
    const probes = {
      model_registry: Probe.modelRegistry,
      popular: Probe.popular,
      event_log: Probe.eventLog,
      catalogue: Probe.catalogue,
      ...(serving === undefined
        ? {}
        : {
            user_states: Probe.userStates(serving.model),
            item_index: Probe.itemIndex(serving.model, serving.catalogue.rank),
          }),
    };
    const [checks, warnings] = yield* Effect.all([checkAll<Asked>(probes), warningsOf(vitals)], { concurrency: 2 });
    const down = downOf(checks);
    return {
      model: serving?.model,
      newerModel: yield* servingModel.held,
      retraining: retrainingReport(vitals.retraining.now),
      checks,
      warnings,
      wrong: [
        ...(vitals.stopping.now ? ["draining: the process was told to stop, and finishes what is under way"] : []),
        ...(serving === undefined ? ["no model serves yet (run the batch, or wait until it is loaded)"] : []),
        ...(live.isReady() ? [] : ["the catalogue is not read yet"]),
        ...(down.length === 0 ? [] : [`down: ${down.join(", ")}`]),
      ],
    } satisfies Readiness;
  });

  return { readiness: Effect.provide(readiness, stores) };
});

export class Health extends Context.Tag("slipstream/Health")<Health, HealthService>() {
  static readonly layer = Layer.effect(Health, make);
}
