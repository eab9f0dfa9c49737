/** LogState: what a table is at one version, by replaying the actions of its commits in order. */
import type { Action, Add, Metadata, Protocol, Remove, Txn } from "./Actions.ts";

export interface LogState {
  readonly version: number;
  readonly protocol: Protocol | undefined;
  readonly metadata: Metadata | undefined;
  /** Live data files by path, in the order of their addition. */
  readonly files: ReadonlyMap<string, Add>;
  /** Removed data files by path: they may still be read at older versions. */
  readonly tombstones: ReadonlyMap<string, Remove>;
  readonly transactions: ReadonlyMap<string, Txn>;
}

export interface Commit {
  readonly version: number;
  readonly actions: ReadonlyArray<Action>;
}

export const emptyState: LogState = {
  version: -1,
  protocol: undefined,
  metadata: undefined,
  files: new Map(),
  tombstones: new Map(),
  transactions: new Map(),
};

/** The state after `commits`, which follow `base` without a gap; `base` stays as it is. */
export const replay = (base: LogState, commits: Iterable<Commit>): LogState => {
  let { version, protocol, metadata } = base;
  const files = new Map(base.files);
  const tombstones = new Map(base.tombstones);
  const transactions = new Map(base.transactions);
  for (const commit of commits) {
    version = commit.version;
    for (const action of commit.actions) {
      if (action.add !== undefined) {
        files.delete(action.add.path);
        files.set(action.add.path, action.add);
        tombstones.delete(action.add.path);
      } else if (action.remove !== undefined) {
        files.delete(action.remove.path);
        tombstones.set(action.remove.path, action.remove);
      } else if (action.txn !== undefined) {
        transactions.set(action.txn.appId, action.txn);
      } else if (action.metaData !== undefined) {
        metadata = action.metaData;
      } else if (action.protocol !== undefined) {
        protocol = action.protocol;
      }
    }
  }
  return { version, protocol, metadata, files, tombstones, transactions };
};
