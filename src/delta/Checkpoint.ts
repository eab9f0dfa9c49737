/** Checkpoint: which actions of a log state a checkpoint holds, when one is due, and the pointer to the last one. */
import { Option, Schema } from "effect";
import type { Action } from "./Actions.ts";
import type { LogState } from "./LogState.ts";

/** A checkpoint is written every so many commits. */
export const checkpointInterval = 10;

/** Tombstones older than this are left out of checkpoints, unless the table's configuration says otherwise. */
export const tombstoneMillis = 7 * 24 * 3600 * 1000;

/** The actions a checkpoint of `state` holds; tombstones from before `oldestTombstone` (milliseconds) have served. */
export const checkpointActions = (state: LogState, oldestTombstone: number): ReadonlyArray<Action> => [
  ...(state.protocol === undefined ? [] : [{ protocol: state.protocol }]),
  ...(state.metadata === undefined ? [] : [{ metaData: state.metadata }]),
  ...Array.from(state.transactions.values(), (txn) => ({ txn })),
  ...Array.from(state.tombstones.values())
    .filter(({ deletionTimestamp = 0 }) => deletionTimestamp >= oldestTombstone)
    .map((remove) => ({ remove: { ...remove, dataChange: false } })),
  ...Array.from(state.files.values(), (add) => ({ add: { ...add, dataChange: false } })),
];

const LastCheckpoint = Schema.parseJson(Schema.Struct({ version: Schema.NonNegativeInt, size: Schema.Number }));

/** The text of `_last_checkpoint`; `size` counts the checkpoint's actions. */
export const printLastCheckpoint = Schema.encodeSync(LastCheckpoint);

const decodeVersion = Schema.decodeOption(Schema.parseJson(Schema.Struct({ version: Schema.NonNegativeInt })));

/** The version that a `_last_checkpoint` names, where it is one. */
export const lastCheckpointVersion = (text: string): Option.Option<number> =>
  Option.map(decodeVersion(text), ({ version }) => version);
