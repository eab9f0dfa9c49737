/** Environment: how LMDB is opened on a store's folder, by every process alike. */
import { type Database, open, type RootDatabase } from "lmdb";

export type Table = Database<Uint8Array, Uint8Array>;
export type Root = RootDatabase<Uint8Array, Uint8Array>;

/** log: records. groups: positions, leases, counters of the log. states: users. letters: dead letters. items: the catalogue. documents: the rest. */
export const tableNames = ["log", "groups", "states", "letters", "documents", "items"] as const;
export type TableName = (typeof tableNames)[number];

/** Bytes of address space that the store takes; its file is as large as what is in it. */
export const mapSize = 64 * 2 ** 30;

const binary = { encoding: "binary", keyEncoding: "binary" } as const;

/** `noSync`: commits are not forced onto the disk; whoever asks for it does that at the end. */
export const openRoot = (path: string, { noSync = false } = {}): Root =>
  open<Uint8Array, Uint8Array>({
    path,
    noSubdir: false,
    // Its batches would reject a promise that nobody can reach when a commit fails.
    eventTurnBatching: false,
    overlappingSync: false,
    mapSize,
    maxDbs: tableNames.length,
    maxReaders: 512,
    noSync,
    ...binary,
  });

export const openTable = (root: Root, name: TableName): Table =>
  root.openDB<Uint8Array, Uint8Array>({ name, ...binary });

/** As `openTable`; undefined where there is none, which is not made then. */
export const findTable = (root: Root, name: TableName): Table | undefined =>
  root.openDB<Uint8Array, Uint8Array>({ name, create: false, ...binary } as never) as Table | undefined;
