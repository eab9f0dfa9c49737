/**
 * Carried: whether what the last preprocess added up can be carried on, so that only what is new since must be read.
 *
 * It can where the raw tables only grew: raw/transactions by files, raw/events by offsets (its files may have been merged
 * since), where what the last run wrote is still there, and where the rules are the same. Otherwise everything is read again,
 * with the same result.
 */
import { Effect, Stream } from "effect";
import { ifThere } from "../datasets/IfThere.ts";
import { defaultEventTypes, type EventTypes, sameEventTypes } from "../domain/EventTypes.ts";
import { eventKey } from "../domain/RecentEvents.ts";
import {
  archivedPartition,
  itemMap,
  pairSums,
  rawEvents,
  rawTransactions,
  type TableDefinition,
  trainingSnapshot,
  userHidden,
  userHistory,
  userMap,
  userRecent,
  userShown,
} from "../domain/TableSchemas.ts";
import { keptHistory } from "../domain/UserState.ts";
import { type InteractionTables, nothingRead, type ReadBefore } from "../ports/BatchSteps.ts";
import { type TableError, type TableSnapshot, Tables } from "../ports/Tables.ts";

/** What the rows of a run were, in all. */
export interface RowCounts {
  /** Rows of raw/transactions and of raw/events. */
  readonly transactions: number;
  readonly events: number;
  /** Rows that count for nothing: a client's retries, events of unknown type, and rows of an impossible time. */
  readonly repeated: number;
  readonly badTime: number;
  readonly unknownType: number;
  /** Of those of an impossible time, the ones that do not say when they arrived: their table's next rows may make it possible. */
  readonly undecided: number;
}

export interface Carried {
  readonly before: ReadBefore;
  /** By name, what the last run read and wrote. */
  readonly versions: ReadonlyMap<string, number>;
  readonly counts: RowCounts;
}

export interface NothingCarried {
  /** Why, in words. */
  readonly because: string;
}

/** Raised whenever the same rows come to something else. */
const rulesVersion = 1;
/** Of types of which some is shown: before this version, impressions came to nothing. */
const shownRulesVersion = 2;

/** A number for the rules, so that other rules have another; of the default types it is that of versions which knew no others. */
export const rulesKey = (debounceSeconds: number, types: EventTypes): bigint => {
  const byTypes = sameEventTypes(types, defaultEventTypes) ? types.weights : types.list;
  const version = types.shows.includes(true) ? shownRulesVersion : rulesVersion;
  return BigInt(eventKey(JSON.stringify([version, debounceSeconds, byTypes, keptHistory])));
};

/** A number for the files, in their order. */
const filesKey = (paths: ReadonlyArray<string>): bigint => BigInt(eventKey(paths.join("\n")));

const names = ["transactions", "events", "repeated", "badTime", "unknownType", "undecided"] as const;

export interface SnapshotRow {
  readonly kind: "table" | "offset" | "types" | "count";
  readonly key: string;
  readonly value: bigint;
}

/** The names of the files of a table's version, in order; none where there is no version. */
const filesOf = ({ name }: TableDefinition, version: number | undefined) =>
  version === undefined ? Effect.succeed([]) : Effect.flatMap(Tables, (tables) => tables.fileNames(name, version));

/** What the next run must know to carry on from this one. */
export const carryOver = (
  { transactions, events, types }: InteractionTables,
  counts: RowCounts,
  debounceSeconds: number,
): Effect.Effect<ReadonlyArray<SnapshotRow>, TableError, Tables> =>
  Effect.gen(function* () {
    const values: ReadonlyArray<readonly [string, bigint]> = [
      ["rules", rulesKey(debounceSeconds, types)],
      ["transactionFiles", filesKey(yield* filesOf(rawTransactions, transactions?.version))],
      ["eventFiles", filesKey(yield* filesOf(rawEvents, events?.version))],
      ...names.map((name) => [name, BigInt(counts[name])] as const),
    ];
    return values.map(([key, value]) => ({ kind: "count", key, value }));
  });

interface Noted {
  readonly versions: ReadonlyMap<string, number>;
  readonly counts: ReadonlyMap<string, bigint>;
}

/** What the last run noted; undefined where there was none. */
export const readNotes: Effect.Effect<Noted | undefined, TableError, Tables> = Effect.gen(function* () {
  const tables = yield* Tables;
  const versions = new Map<string, number>();
  const counts = new Map<string, bigint>();
  yield* tables.read(trainingSnapshot.name).pipe(
    Stream.runForEach(({ rows, columns }) =>
      Effect.sync(() => {
        const kinds = columns.kind as ArrayLike<string>;
        const keys = columns.key as ArrayLike<string>;
        const values = columns.value as ArrayLike<bigint>;
        for (let i = 0; i < rows; i++) {
          if (kinds[i] === "table") versions.set(keys[i], Number(values[i]));
          if (kinds[i] === "count") counts.set(keys[i], values[i]);
        }
      }),
    ),
  );
  return { versions, counts };
}).pipe(ifThere);

const offsetsOf = ({ transactions }: TableSnapshot): ReadBefore["offsets"] =>
  [...transactions].flatMap(([appId, next]) => {
    const archived = archivedPartition(appId);
    return archived === undefined ? [] : [{ log: archived.identity, partition: archived.partition, next }];
  });

const startsWith = (paths: ReadonlyArray<string>, first: ReadonlyArray<string>): boolean =>
  first.every((path, i) => path === paths[i]);

/** The tables that the next run adds to: by index, as the maps have them. */
const sums = [pairSums, userHistory, userRecent];
const maps = [userMap, itemMap];

/** The name of a table that is no longer as the last run left it: somebody deleted it, or put an older one in its place. */
const findLost = (versions: Noted["versions"]): Effect.Effect<string | undefined, TableError, Tables> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const added = [...sums, ...[userHidden, userShown].filter(({ name }) => versions.has(name))];
    for (const { name } of [...added, ...maps]) {
      const left = yield* ifThere(tables.snapshot(name, versions.get(name) ?? -1));
      if (left === undefined) return name;
      if (added.some((table) => table.name === name)) continue;
      const now = yield* tables.snapshot(name);
      if (now.version < left.version || now.rows < left.rows) return name;
      if (!(yield* tables.onlyGrew(name, left.version))) return name;
    }
    return undefined;
  });

const nothing = (because: string): Effect.Effect<NothingCarried> => Effect.succeed({ because });

/** What can be carried on, or why nothing can. */
export const findCarried = (
  { transactions, events, types }: InteractionTables,
  debounceSeconds: number,
): Effect.Effect<Carried | NothingCarried, TableError, Tables> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const noted = yield* readNotes;
    const rules = noted?.counts.get("rules");
    if (noted === undefined || rules === undefined) return yield* nothing("it is the first run of this version");
    if (rules !== rulesKey(debounceSeconds, types)) return yield* nothing("the rules have changed");
    const { versions } = noted;
    const counts = Object.fromEntries(
      names.map((name) => [name, Number(noted.counts.get(name) ?? 0n)]),
    ) as unknown as RowCounts;

    const [oldTransactions, oldEvents] = [versions.get(rawTransactions.name), versions.get(rawEvents.name)];
    const before = yield* ifThere(
      Effect.all({
        transactions: filesOf(rawTransactions, oldTransactions),
        events: filesOf(rawEvents, oldEvents),
        archive: oldEvents === undefined ? Effect.succeed(undefined) : tables.snapshot(rawEvents.name, oldEvents),
      }),
    );
    const isSame = (key: string, paths: ReadonlyArray<string>): boolean => noted.counts.get(key) === filesKey(paths);
    if (
      before === undefined ||
      !isSame("transactionFiles", before.transactions) ||
      !isSame("eventFiles", before.events)
    ) {
      return yield* nothing("the version of a raw table that was read last is gone");
    }

    const now = yield* filesOf(rawTransactions, transactions?.version);
    if (!startsWith(now, before.transactions)) return yield* nothing(`${rawTransactions.name} was written anew`);
    const grew = now.length > before.transactions.length;
    if (grew && counts.events > 0) return yield* nothing(`${rawTransactions.name} grew, and events had come after it`);
    const changed = grew || events?.version !== oldEvents;
    if (changed && counts.undecided > 0)
      return yield* nothing("rows of an impossible time do not say when they arrived");
    if (oldEvents !== undefined && !(yield* tables.onlyGrew(rawEvents.name, oldEvents))) {
      return yield* nothing(`rows of ${rawEvents.name} were changed or deleted`);
    }
    const lost = yield* findLost(versions);
    if (lost !== undefined) return yield* nothing(`${lost} is not as it was left`);
    return {
      before: {
        files: before.transactions.length,
        offsets: before.archive === undefined ? nothingRead.offsets : offsetsOf(before.archive),
      },
      versions,
      counts,
    };
  });
