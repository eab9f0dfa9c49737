/**
 * Turns: who answers the next part of a batch: a process that has nothing to do, else this one, which answers a part of each batch at a
 * time, else a process that has room for one more. Whoever is free first takes what waits longest. Plain and without effects.
 */

/** A process that takes parts. */
export interface Taker<Part> {
  /** Parts that it has; undefined: it takes none now. */
  readonly load: () => number | undefined;
  readonly take: (part: Part) => void;
}

/** One batch. */
export interface Own {
  /** Whether this process answers a part of it. */
  isBusy: boolean;
}

export interface Waiter<Part> {
  readonly own: Own;
  /** Undefined: it is to be answered here. */
  readonly part: Part | undefined;
  /** Told once: by whom it is answered. */
  readonly told: (by: "here" | Taker<Part>) => void;
}

export interface Turns<Part> {
  /** Told at once where somebody is free; not after `leave`. */
  readonly join: (waiter: Waiter<Part>) => void;
  readonly leave: (waiter: Waiter<Part>) => void;
  /** A part of the batch was answered here. */
  readonly answered: (own: Own) => void;
  /** Somebody has room who had none. */
  readonly settle: () => void;
}

export const makeTurns = <Part>(takers: () => Iterable<Taker<Part>>): Turns<Part> => {
  const waiting = new Set<Waiter<Part>>();

  const leastBusy = (): readonly [Taker<Part> | undefined, number] => {
    let found: Taker<Part> | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const taker of takers()) {
      const load = taker.load() ?? Number.POSITIVE_INFINITY;
      if (load < least) [found, least] = [taker, load];
    }
    return [found, least];
  };

  const serve = ({ own, part, told }: Waiter<Part>): boolean => {
    const [taker, load] = part === undefined ? [undefined, 0] : leastBusy();
    if (!own.isBusy && (taker === undefined || load > 0)) {
      own.isBusy = true;
      told("here");
      return true;
    }
    if (taker === undefined || part === undefined) return false;
    told(taker);
    taker.take(part);
    return true;
  };

  const settle = (): void => {
    for (const waiter of waiting) if (serve(waiter)) waiting.delete(waiter);
  };

  return {
    join: (waiter) => {
      if (!serve(waiter)) waiting.add(waiter);
    },
    leave: (waiter) => void waiting.delete(waiter),
    answered: (own) => {
      own.isBusy = false;
      settle();
    },
    settle,
  };
};
