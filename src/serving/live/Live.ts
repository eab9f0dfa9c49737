/**
 * Live: consoles are told every second how all is, as server-sent events. One look serves all of them, and while there is none
 * nothing is looked at. One that does not read loses what is oldest, and nobody else notices.
 */
import type { Readable } from "node:stream";
import { Clock, Context, Effect, Layer, Schedule, type Scope } from "effect";
import type { LiveCatalogue } from "../../catalogue/LiveCatalogue.ts";
import type { DeadLetters } from "../../ports/DeadLetters.ts";
import type { EventLog } from "../../ports/EventLog.ts";
import type { Forgotten } from "../../ports/Forgotten.ts";
import type { ModelRegistry } from "../../ports/ModelRegistry.ts";
import { NotNow } from "../Errors.ts";
import type { Models } from "../Models.ts";
import { makeFanOut } from "./FanOut.ts";
import { type Looked, look, staleMillis } from "./Look.ts";

export interface LiveService {
  /**
   * The text of an event stream, in UTF-8: a state at once, then one each second, `states` of them or until this process stops, or the
   * scope closes.
   */
  readonly watch: (states?: number) => Effect.Effect<Readable, NotNow, Scope.Scope>;
  /** Ends all of them. */
  readonly end: Effect.Effect<void>;
}

/** Consoles at a time, of one process. */
export const mostConsoles = 250;
/** States that wait for one console. */
const mostWaiting = 10;

const eventText = (event: string, data: unknown): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
const isState = (text: string): boolean => text.startsWith("event: state\n");

const make = Effect.gen(function* () {
  const context = yield* Effect.context<EventLog | DeadLetters | Forgotten | ModelRegistry | LiveCatalogue | Models>();
  const fanOut = makeFanOut(mostWaiting, (states) => eventText("lost", { states }));
  const awaited = Effect.unsafeMakeLatch(false);
  let before: Looked | undefined;
  let last: { readonly text: string; readonly at: number } | undefined;

  const tell = Effect.gen(function* () {
    if (fanOut.size() === 0) return yield* Effect.sync(() => awaited.unsafeClose());
    const now = yield* Clock.currentTimeMillis;
    const { looked, state } = yield* look(before, fanOut.size());
    before = looked;
    last = { text: eventText("state", state), at: now };
    yield* fanOut.send(last.text);
  }).pipe(
    Effect.provide(context),
    Effect.catchAllDefect((defect) => Effect.logWarning("consoles cannot be told how all is", defect)),
  );
  // Stopped by the layer's scope.
  yield* Effect.forkScoped(Effect.repeat(Effect.zipRight(awaited.await, tell), Schedule.spaced("1 second")));

  const join = Effect.fnUntraced(function* (isLast: (text: string) => boolean) {
    const now = yield* Clock.currentTimeMillis;
    const first = last !== undefined && now - last.at < staleMillis ? [last.text] : [];
    const texts = fanOut.join(["retry: 2000\n\n", ...first], isLast);
    awaited.unsafeOpen();
    return texts;
  });

  return {
    watch: (states = Number.POSITIVE_INFINITY) =>
      Effect.suspend(() => {
        if (fanOut.size() >= mostConsoles) {
          return new NotNow({ message: `${mostConsoles} consoles are open at this process already: close some.` });
        }
        let left = states;
        return Effect.acquireRelease(
          join((text) => isState(text) && --left === 0),
          (texts) => Effect.sync(() => texts.destroy()),
        );
      }),
    end: fanOut.end,
  } satisfies LiveService;
});

export class Live extends Context.Tag("slipstream/Live")<Live, LiveService>() {
  static readonly layer = Layer.scoped(Live, make);
}
