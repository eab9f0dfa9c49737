/**
 * Lease: which process owns all partitions of a consumer group.
 *
 * A lease is a record with its holder, the holder's process and the time of its last heartbeat. It is free when it was
 * given back, when its process on this host is gone, or when its heartbeat is older than `expiry`. A zombie that wakes up
 * finds another holder in it. The record of a lease given back stays, as the time when the group was last seen.
 * All functions run inside `store.read` or `store.write`; times are in milliseconds.
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { Effect, Either, Schema } from "effect";
import type { StoreService } from "../../engines/lmdb/Store.ts";
import { exists } from "../../Processes/Identity.ts";

export const heartbeatMillis = 1000;
export const expiryMillis = 8000;

const LeaseRecord = Schema.parseJson(
  Schema.Struct({
    /** Empty: given back. */
    holder: Schema.String,
    host: Schema.String,
    pid: Schema.Int,
    beat: Schema.Number,
    /** Epoch of partition p: `epoch` + p. */
    epoch: Schema.Int,
  }),
);
type LeaseRecord = typeof LeaseRecord.Type;

const decode = Schema.decodeUnknownEither(LeaseRecord);
const encode = Schema.encodeSync(LeaseRecord);

const prefix = "lease\u0000";
const leaseKey = (group: string): Buffer => Buffer.from(prefix + group);
const words = new TextDecoder();

/** The holders of this process: a lease of its number by another holder was left by a process that had the number before. */
const living = new Set<string>();

const isGone = (lease: LeaseRecord): boolean =>
  lease.pid === process.pid ? !living.has(lease.holder) : !exists(lease.pid);

export type Leases = ReturnType<typeof makeLeases>;

export const makeLeases = ({ tables: { groups } }: StoreService) => {
  const host = hostname();

  /** A record that cannot be read counts as none. */
  const find = (group: string): LeaseRecord | undefined => {
    const bytes = groups.get(leaseKey(group));
    return bytes === undefined ? undefined : Either.getOrUndefined(decode(words.decode(bytes)));
  };

  const save = (group: string, lease: LeaseRecord): void => {
    groups.put(leaseKey(group), Buffer.from(encode(lease)));
  };

  const isFree = (lease: LeaseRecord, now: number): boolean =>
    lease.holder === "" || now - lease.beat > expiryMillis || (lease.host === host && isGone(lease));

  return {
    /** A name for one member, until the scope closes. */
    holder: Effect.acquireRelease(
      Effect.sync(() => {
        const holder = randomUUID();
        living.add(holder);
        return holder;
      }),
      (holder) => Effect.sync(() => living.delete(holder)),
    ),
    isFree: (group: string, now: number): boolean => {
      const lease = find(group);
      return lease === undefined || isFree(lease, now);
    },
    /** Takes a free lease; `epoch` is asked only then. False: another holds it. Within a write. */
    take: (group: string, holder: string, now: number, epoch: () => number): number | undefined => {
      const lease = find(group);
      if (lease !== undefined && !isFree(lease, now)) return undefined;
      const first = epoch();
      save(group, { holder, host, pid: process.pid, beat: now, epoch: first });
      return first;
    },
    holds: (group: string, holder: string): boolean => find(group)?.holder === holder,
    /** False: the lease is another's. Within a write. */
    beat: (group: string, holder: string, now: number): boolean => {
      const lease = find(group);
      if (lease?.holder !== holder) return false;
      save(group, { ...lease, beat: now });
      return true;
    },
    /** Within a write. */
    giveBack: (group: string, holder: string, now: number): void => {
      const lease = find(group);
      if (lease?.holder === holder) save(group, { ...lease, holder: "", beat: now });
    },
    /** Every group that ever joined, and when it was last seen. */
    seen: (): ReadonlyArray<{ readonly group: string; readonly at: number }> =>
      Array.from(groups.getKeys({ start: Buffer.from(prefix), end: Buffer.from("lease\u0001") }), (key) =>
        words.decode(key).slice(prefix.length),
      ).map((group) => ({ group, at: find(group)?.beat ?? 0 })),
  };
};
