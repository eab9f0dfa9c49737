/** Round: what is sent at once, and which calls it answers. Plain state, no waiting. */
import type { Position } from "../../../src/ports/EventLog.ts";

export interface Placed {
  readonly partition: number;
}

/** A caller's records; `sent` of them are in rounds, `positions` of them are known. */
export interface Records<R extends Placed> {
  readonly records: ReadonlyArray<R>;
  readonly positions: Array<Position>;
  sent: number;
}

export interface Part<R extends Placed, C extends Records<R>> {
  readonly call: C;
  /** Index of its first record in the round. */
  readonly from: number;
  /** Of each record, the index in its partition's list. */
  readonly indices: ReadonlyArray<number>;
}

export interface Round<R extends Placed, C extends Records<R>> {
  readonly partitions: ReadonlyMap<number, ReadonlyArray<R>>;
  readonly parts: ReadonlyArray<Part<R, C>>;
}

/** Takes records in the order of the calls, until `limit` bytes are reached: at least one, however large it is. */
export const gather = <R extends Placed, C extends Records<R>>(
  calls: ReadonlyArray<C>,
  sizeOf: (record: R) => number,
  limit: number,
): Round<R, C> => {
  const partitions = new Map<number, Array<R>>();
  const parts: Array<Part<R, C>> = [];
  let bytes = 0;
  for (const call of calls) {
    const from = call.sent;
    const indices: Array<number> = [];
    while (call.sent < call.records.length) {
      const record = call.records[call.sent]!;
      const size = sizeOf(record);
      if (bytes > 0 && bytes + size > limit) break;
      bytes += size;
      const list = partitions.get(record.partition) ?? [];
      partitions.set(record.partition, list);
      indices.push(list.push(record) - 1);
      call.sent += 1;
    }
    if (indices.length > 0) parts.push({ call, from, indices });
    if (call.sent < call.records.length) break;
  }
  return { partitions, parts };
};

/** Adds the positions of a part, by its partitions' base offsets; answers whether the call is complete. */
export const settle = <R extends Placed, C extends Records<R>>(
  { call, from, indices }: Part<R, C>,
  bases: ReadonlyMap<number, bigint>,
): boolean => {
  for (const [i, index] of indices.entries()) {
    const { partition } = call.records[from + i]!;
    call.positions.push({ partition, offset: bases.get(partition)! + BigInt(index) });
  }
  return call.positions.length === call.records.length;
};
