/**
 * Simulation: made-up shoppers within this process, switched on and off while it runs: what `producer` does, at a rate of its own.
 *
 * Its fiber ends when it is switched off and, with the layer's scope, before the log does. The shop's tables are read once, when
 * it is first switched on; who is forgotten, before each batch of events.
 */
import { Context, Effect, FiberHandle, Layer, Random } from "effect";
import { learning } from "../learning/Settings.ts";
import type { EventLog } from "../ports/EventLog.ts";
import type { Forgotten } from "../ports/Forgotten.ts";
import type { Tables } from "../ports/Tables.ts";
import { askedEach } from "./NotForgotten.ts";
import { produce } from "./Produce.ts";
import { visits } from "./ProduceConfigured.ts";
import { producer } from "./Settings.ts";

export interface SimulationState {
  readonly state: "off" | "starting" | "on" | "failed";
  readonly per_second: number;
  /** Since the process began. */
  readonly events: number;
  readonly detail: string | null;
}

export interface SimulationService {
  readonly state: Effect.Effect<SimulationState>;
  /** Returns at once; asked again, goes on at the new rate. */
  readonly start: (perSecond: number) => Effect.Effect<void>;
  readonly stop: Effect.Effect<void>;
}

const usualRate = 10;

const make = Effect.gen(function* () {
  const context = yield* Effect.context<EventLog | Tables | Forgotten>();
  const fiber = yield* FiberHandle.make<void>();
  const types = yield* learning.eventTypes.config;
  const most = yield* producer.shoppers.config;
  const catchUp = yield* producer.catchUp.config;
  let now: SimulationState = { state: "off", per_second: usualRate, events: 0, detail: null };
  const turn = (change: Partial<SimulationState>) => {
    now = { ...now, ...change };
  };
  /** Read once. */
  const seed = yield* Random.nextIntBetween(1, 2 ** 32);
  const acting = yield* Effect.cached(visits(most, seed, types));

  const run = (perSecond: number) =>
    Effect.gen(function* () {
      const drafts = yield* acting;
      turn({ state: "on" });
      // Another seed each time: event ids are of seed and number, and are not to repeat.
      yield* produce(drafts, {
        seed: yield* Random.nextIntBetween(1, 2 ** 32),
        pace: { _tag: "Rate", perSecond },
        catchUp,
        timestamps: "now",
        maySend: yield* askedEach,
        onAppended: (events) => turn({ events: now.events + events }),
      });
    }).pipe(
      Effect.catchAll(({ message }) => Effect.sync(() => turn({ state: "failed", detail: message }))),
      Effect.provide(context),
    );

  return {
    state: Effect.sync(() => now),
    start: (perSecond: number) =>
      Effect.suspend(() => {
        turn({ state: "starting", per_second: perSecond, detail: null });
        return Effect.asVoid(FiberHandle.run(fiber, run(perSecond)));
      }),
    stop: Effect.zipRight(
      FiberHandle.clear(fiber),
      Effect.sync(() => turn({ state: "off", detail: null })),
    ),
  } satisfies SimulationService as SimulationService;
});

export class Simulation extends Context.Tag("slipstream/Simulation")<Simulation, SimulationService>() {
  static readonly layer = Layer.scoped(Simulation, make);
}
