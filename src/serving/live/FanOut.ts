/**
 * FanOut: one text to all who listen. Nobody waits for anybody: who does not take what was sent loses the oldest, and is told how
 * much. Listeners are Node's own streams, which a response takes as they are, without an Effect for each text and listener.
 */
import { Readable } from "node:stream";
import { Array as Arr, Effect } from "effect";

export interface FanOut {
  /**
   * What is sent from now on, in UTF-8, until the stream is destroyed or it is the end. `first`: what it begins with; `isLast`: asked
   * once of each text that is taken, whether nothing is to come after it.
   */
  readonly join: (first: ReadonlyArray<string>, isLast?: (text: string) => boolean) => Readable;
  /** Told a few at a time, with pauses between, so that whoever else asks this process does not wait for all of them. */
  readonly send: (text: string) => Effect.Effect<void>;
  readonly size: () => number;
  /** Ends all streams, those of later listeners at once. */
  readonly end: Effect.Effect<void>;
}

interface Listener {
  readonly offer: (text: string) => void;
  /** Gives what it has room for. */
  readonly give: () => void;
}

/** Listeners that are told at once; milliseconds between, and of all pauses together. */
const together = 4;
const longestPause = 20;
const spread = 600;

/** `most`: texts that wait for one listener. `lostText`: what is said of so many that are lost, before what came after them. */
export const makeFanOut = (most: number, lostText: (lost: number) => string): FanOut => {
  const listeners = new Set<Listener>();
  let isOver = false;

  const join: FanOut["join"] = (first, isLast = () => false) => {
    const pending = [...first];
    let lost = 0;
    let isWanted = false;

    const next = (): string | undefined => {
      if (lost === 0) return pending.shift();
      const text = lostText(lost);
      lost = 0;
      return text;
    };
    const finish = (): void => {
      isWanted = false;
      texts.push(null);
    };
    const give = (): void => {
      while (isWanted) {
        const text = next();
        if (text === undefined) {
          if (isOver) finish();
          return;
        }
        isWanted = texts.push(text);
        if (isLast(text)) finish();
      }
    };
    const offer = (text: string): void => {
      if (pending.length >= most) {
        pending.shift();
        lost += 1;
      }
      pending.push(text);
      give();
    };
    const listener: Listener = { offer, give };
    const texts: Readable = new Readable({
      // Nothing waits in it: what is not taken waits here, where it is counted.
      highWaterMark: 1,
      read: () => {
        isWanted = true;
        give();
      },
      destroy: (error, done) => {
        listeners.delete(listener);
        done(error);
      },
    });
    listeners.add(listener);
    return texts;
  };

  return {
    join,
    send: (text) => {
      const groups = Arr.chunksOf([...listeners], together);
      const pause = Math.min(longestPause, spread / groups.length);
      return Effect.forEach(
        groups,
        (group, at) =>
          Effect.zipRight(
            at === 0 ? Effect.void : Effect.sleep(pause),
            Effect.sync(() => {
              for (const { offer } of group) offer(text);
            }),
          ),
        { discard: true },
      );
    },
    size: () => listeners.size,
    end: Effect.sync(() => {
      isOver = true;
      for (const { give } of listeners) give();
    }),
  };
};
