/**
 * Recovery: whether stores that the API was not answered by are back, asked now and then while there are such: so a warning goes though
 * nobody asks for what it was about. A store may answer this and refuse a write: so an outage that somebody has just met stays.
 */
import { Clock, Duration, Effect, Layer } from "effect";
import type { Catalogue } from "../ports/Catalogue.ts";
import type { EventLog } from "../ports/EventLog.ts";
import type { ItemIndex } from "../ports/ItemIndex.ts";
import type { ModelRegistry } from "../ports/ModelRegistry.ts";
import type { Popular } from "../ports/Popular.ts";
import type { UserStates } from "../ports/UserStates.ts";
import { check, type Probes } from "../vitals/Check.ts";
import { pause } from "../vitals/Pause.ts";
import * as Probe from "../vitals/Probe.ts";
import { Vitals } from "../vitals/Vitals.ts";
import type { Waiting } from "../vitals/Waiting.ts";
import { Shared } from "./recommend/Shared.ts";
import { type Serving, ServingModel } from "./ServingModel.ts";

type Asked = Catalogue | EventLog | ItemIndex | ModelRegistry | Popular | UserStates;

/** By the names that outages go by. */
const probesOf = (serving: Serving | undefined): Probes<Asked> => ({
  "event log": Probe.eventLog,
  "model registry": Probe.modelRegistry,
  "best sellers": Probe.popular,
  catalogue: Probe.catalogue,
  ...(serving === undefined
    ? {}
    : {
        "user states": Probe.userStates(serving.model),
        "item vectors": Probe.itemIndex(serving.model, serving.catalogue.rank),
      }),
});

/** In milliseconds of the machine's own clock. */
const every = 5000;
/** An outage that somebody met since is not over. */
const quiet = Duration.seconds(10);

/** Ends what `waits` were told of stores that answer now. */
export const recover = <R>(waits: ReadonlyArray<Waiting>, probes: Probes<R>) =>
  Effect.forEach(
    new Set(waits.flatMap((waiting) => waiting.outages().map(({ store }) => store))),
    (store) =>
      Effect.gen(function* () {
        const probe = probes[store];
        if (probe === undefined) return;
        const asked = yield* Clock.currentTimeMillis;
        if ((yield* check(probe)).status === "down") return;
        yield* Effect.forEach(waits, ({ answers }) => answers(store, asked - Duration.toMillis(quiet)));
      }),
    { concurrency: "unbounded", discard: true },
  );

/** Asks until its scope is closed. */
export const layer = Layer.scopedDiscard(
  Effect.gen(function* () {
    const waits = [(yield* Vitals).waiting("api"), (yield* Shared).waiting];
    const { current } = yield* ServingModel;
    yield* Effect.raceAll(waits.map(({ awaitAway }) => awaitAway)).pipe(
      Effect.zipRight(pause(every)),
      Effect.zipRight(Effect.flatMap(current, (serving) => recover(waits, probesOf(serving)))),
      Effect.forever,
      Effect.forkScoped,
    );
  }),
);
