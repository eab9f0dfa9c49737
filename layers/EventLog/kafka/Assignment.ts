/**
 * Assignment: which partitions a member owns, by which epoch, and what was fetched ahead for them. Plain state, no waiting.
 *
 * A partition passes from owned (fetches and commits) over draining (commits only) to gone. Records are kept for owned
 * partitions alone and handed out under their epoch alone; a partition is polled only once somebody has asked for it, and
 * while less than `lowMark` bytes of it are kept.
 */
import type { LogRecord } from "../../../src/ports/EventLog.ts";

interface Held {
  readonly epoch: number;
  readonly partition: number;
  draining: boolean;
  /** What is kept begins at this offset (undefined: nobody has asked) and ends before `next`, which is polled next. */
  start: bigint | undefined;
  next: bigint;
  records: ReadonlyArray<LogRecord>;
  bytes: number;
}

export interface Owned {
  readonly partition: number;
  readonly epoch: number;
}

export interface Poll extends Owned {
  readonly offset: bigint;
}

export type Taken = ReadonlyArray<LogRecord> | "released";

export type Assignment = ReturnType<typeof makeAssignment>;

const recordOverhead = 64;
const sizeOf = (records: ReadonlyArray<LogRecord>): number => {
  let bytes = 0;
  for (const { value } of records) bytes += value.length + recordOverhead;
  return bytes;
};

export const makeAssignment = (nextEpoch: () => number, lowMark: number) => {
  const held = new Map<number, Held>();
  const owner = (partition: number, epoch: number): Held | undefined => {
    const found = held.get(partition);
    return found?.epoch === epoch ? found : undefined;
  };
  const all = (): ReadonlyArray<Owned> => [...held.values()].map(({ epoch, partition }) => ({ epoch, partition }));
  const seek = (one: Held, offset: bigint): void => {
    one.start = offset;
    one.next = offset;
    one.records = [];
    one.bytes = 0;
  };

  return {
    /** What is held, in whichever phase. */
    all,
    /** Begins an epoch for each partition. Nothing may be held. */
    assign: (partitions: ReadonlyArray<number>): ReadonlyArray<Owned> => {
      held.clear();
      for (const partition of [...partitions].sort((a, b) => a - b)) {
        held.set(partition, {
          partition,
          epoch: nextEpoch(),
          draining: false,
          start: undefined,
          next: 0n,
          records: [],
          bytes: 0,
        });
      }
      return all();
    },
    /** Ends fetching; drops what was fetched ahead. Answers what is to be let go. */
    drain: (): ReadonlyArray<Owned> => {
      for (const one of held.values()) {
        one.draining = true;
        seek(one, one.next);
      }
      return all();
    },
    /** Ends one epoch: it has let go. */
    end: ({ epoch, partition }: Owned): void => {
      if (owner(partition, epoch) !== undefined) held.delete(partition);
    },
    /** Ends every epoch at once. Answers which. */
    drop: (): ReadonlyArray<Owned> => {
      const gone = all();
      held.clear();
      return gone;
    },
    mayCommit: (partition: number, epoch: number): boolean => owner(partition, epoch) !== undefined,
    /** At most `max` records at and after `from`; none yet where they must be polled first. */
    take: (partition: number, epoch: number, from: bigint, max: number): Taken => {
      const one = owner(partition, epoch);
      if (one === undefined || one.draining) return "released";
      if (one.start === undefined || from < one.start || from > one.next) {
        seek(one, from);
        return [];
      }
      let first = 0;
      while (first < one.records.length && one.records[first]!.offset < from) first += 1;
      const taken = one.records.slice(first, first + max);
      const last = taken.at(-1);
      one.records = one.records.slice(first + taken.length);
      one.start = last === undefined ? from : last.offset + 1n;
      if (one.records.length === 0) one.bytes = 0;
      else one.bytes = Math.max(0, one.bytes - sizeOf(taken));
      return taken;
    },
    /** What should be asked of the brokers now. */
    wanted: (): ReadonlyArray<Poll> =>
      [...held.values()]
        .filter(({ bytes, draining, start }) => !draining && start !== undefined && bytes < lowMark)
        .map(({ epoch, next, partition }) => ({ partition, epoch, offset: next })),
    /** The answer to a poll; ignored when its epoch is over, or when something else was asked for since. */
    accept: ({ epoch, offset, partition }: Poll, records: ReadonlyArray<LogRecord>, next: bigint): void => {
      const one = owner(partition, epoch);
      if (one === undefined || one.draining || one.start === undefined || one.next !== offset) return;
      one.records = one.records.length === 0 ? records : [...one.records, ...records];
      one.bytes += sizeOf(records);
      one.next = next;
    },
  };
};
