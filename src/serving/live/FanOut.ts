/**
 * FanOut: one text to all who listen. Nobody waits for anybody: who does not take what was sent loses the oldest, and is told how
 * much.
 */
import { Array as Arr, Chunk, Effect, Option, type Scope, Stream } from "effect";

export interface FanOut {
  /** What is sent from now on, until the scope closes or it is the end. `first`: what it begins with. */
  readonly join: (first: ReadonlyArray<string>) => Effect.Effect<Stream.Stream<string>, never, Scope.Scope>;
  /** Told a few at a time, with pauses between, so that whoever else asks this process does not wait for all of them. */
  readonly send: (text: string) => Effect.Effect<void>;
  readonly size: () => number;
  /** Ends all streams, those of later listeners at once. */
  readonly end: Effect.Effect<void>;
}

interface Listener {
  readonly pending: Array<string>;
  readonly latch: Effect.Latch;
  lost: number;
}

/** Listeners that are told at once, some 0.2 ms of this process's thread each; milliseconds between, and of all pauses together. */
const together = 4;
const longestPause = 20;
const spread = 600;

/** `most`: texts that wait for one listener. `lostText`: what is said of so many that are lost, before what came after them. */
export const makeFanOut = (most: number, lostText: (lost: number) => string): FanOut => {
  const listeners = new Set<Listener>();
  let isOver = false;

  const take = (listener: Listener) =>
    Effect.flatMap(
      listener.latch.await,
      Effect.fnUntraced(function* () {
        const { lost, pending } = listener;
        const texts = [...(lost > 0 ? [lostText(lost)] : []), ...pending.splice(0)];
        listener.lost = 0;
        if (texts.length === 0 && isOver) return yield* Effect.fail(Option.none());
        if (!isOver) listener.latch.unsafeClose();
        return Chunk.unsafeFromArray(texts);
      }),
    );

  const offer = (listener: Listener, text: string): void => {
    if (listener.pending.length >= most) {
      listener.pending.shift();
      listener.lost += 1;
    }
    listener.pending.push(text);
    listener.latch.unsafeOpen();
  };

  return {
    join: (first) =>
      Effect.map(
        Effect.acquireRelease(
          Effect.sync(() => {
            const open = first.length > 0 || isOver;
            const listener: Listener = { pending: [...first], latch: Effect.unsafeMakeLatch(open), lost: 0 };
            listeners.add(listener);
            return listener;
          }),
          (listener) => Effect.sync(() => listeners.delete(listener)),
        ),
        (listener) => Stream.repeatEffectChunkOption(take(listener)),
      ),
    send: (text) => {
      const groups = Arr.chunksOf([...listeners], together);
      const pause = Math.min(longestPause, spread / groups.length);
      return Effect.forEach(
        groups,
        (group, at) =>
          Effect.zipRight(
            at === 0 ? Effect.void : Effect.sleep(pause),
            Effect.sync(() => {
              for (const listener of group) offer(listener, text);
            }),
          ),
        { discard: true },
      );
    },
    size: () => listeners.size,
    end: Effect.sync(() => {
      isOver = true;
      for (const { latch } of listeners) latch.unsafeOpen();
    }),
  };
};
