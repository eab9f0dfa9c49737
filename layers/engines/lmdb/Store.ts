/**
 * Store: one LMDB environment (`$DATA_DIR/store`) that the embedded log, states, registry and lists share.
 *
 * Promises. `write` runs its change alone in all processes, whole or not at all, and returns once the commit is on disk
 * (`fdatasync`), so neither SIGKILL nor a power cut loses what returned. `read` sees one snapshot, never waits for a
 * writer, and sees every commit that any process finished before it; the last one perhaps a moment later, when another
 * process opens the store in that moment.
 *
 * How. LMDB's copy-on-write pages need no recovery; its lock lies in shared memory and is taken over from a dead owner.
 * `overlappingSync` is off: with it, whoever takes the flush's lock over from a killed process sets the number of the
 * newest transaction back without holding the writer's lock (`mdb_mutex_failed` in the binding's mdb.c, 3.5.6), and a
 * commit that another process made meanwhile is lost. `Newest` keeps those who open the store from doing the same. Every
 * change is a child transaction, so that one that fails takes nothing of its neighbours in the same commit with it. The
 * map is large from the start: where it must grow, a reading and a writing thread may both enlarge it, and the process
 * dies when it closes the store. A store that was not closed in order is looked through first (`Soundness`), and one that was asked
 * for it is compacted first (`Compaction`). Never mixed in: `transactionSync`, which would interrupt the asynchronous batch and wait
 * for the disk on the event loop.
 */
import { Context, Effect, Exit, Layer, Scope } from "effect";
import { dataFolder } from "../../../src/config/DataFolder.ts";
import { checkFolder, makeFolderStamp } from "../../Format.ts";
import { removeRemains } from "./CompactFile.ts";
import { compactedIfDue } from "./Compaction.ts";
import { openTable, type Root, type Table, type TableName } from "./Environment.ts";
import { prepareFolder } from "./Folder.ts";
import { openWatched } from "./Newest.ts";
import { noteOpening } from "./Openings.ts";
import { checked, lookThrough } from "./Soundness.ts";
import { type StoreError, storeError } from "./StoreError.ts";

export interface StoreService {
  readonly path: string;
  readonly tables: Readonly<Record<TableName, Table>>;
  /** Runs `look` synchronously over one snapshot. */
  readonly read: <A>(look: () => A) => Effect.Effect<A, StoreError>;
  /** Runs `change` synchronously in one transaction: all of it or, where it throws, nothing. Durable when it returns. */
  readonly write: <A>(change: () => A) => Effect.Effect<A, StoreError>;
}

export class Store extends Context.Tag("slipstream/Store")<Store, StoreService>() {}

/** The value in place, without a copy: valid until the next look into any table. */
export const peek = (table: Table, key: Uint8Array): Uint8Array | undefined => {
  const found = table.getBinaryFast(key);
  // Its length is the value's, its byteLength that of a buffer that is used again.
  return found === undefined ? undefined : new Uint8Array(found.buffer, found.byteOffset, found.length);
};

const openTables = (root: Root): Record<TableName, Table> => ({
  log: openTable(root, "log"),
  groups: openTable(root, "groups"),
  states: openTable(root, "states"),
  letters: openTable(root, "letters"),
  documents: openTable(root, "documents"),
  items: openTable(root, "items"),
});

/** The opening is noted before LMDB is, and stays noted where that ends the process. */
const openAt = (path: string) => {
  const opening = noteOpening(path);
  try {
    return { opening, ...openWatched(path) };
  } catch (cause) {
    opening.abandoned();
    throw cause;
  }
};

/** What a failure has opened is closed at once, not with the scope around it. */
const withOwnScope = <A, E>(opening: Effect.Effect<A, E, Scope.Scope>): Effect.Effect<A, E, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const scope = yield* Scope.make();
      const exit = yield* Effect.exit(restore(Scope.extend(opening, scope)));
      if (Exit.isFailure(exit)) yield* Scope.close(scope, exit);
      else yield* Effect.addFinalizer((end) => Scope.close(scope, end));
      return yield* exit;
    }),
  );

/** A number that was set back is put right by the first attempt; further ones are for further processes that open. */
const mostAttempts = 20;

const replaced = "ESTALE: data.mdb is another file now";

/** Closing waits for the writes under way. */
const open = (path: string) =>
  Effect.gen(function* () {
    yield* checked(path);
    const pending = new Set<Promise<unknown>>();
    /** The binding then waits for ever for a flush when it closes: the environment ends with the process instead. */
    let commitFailed = false;
    /** LMDB has met what should not be: the next process is to look first. */
    let suspect = false;
    const failed = (cause: unknown): StoreError => {
      const error = storeError(path, cause);
      suspect ||= error.reason === "Corrupt" || (error.reason === "Unavailable" && error.message.includes("MDB_"));
      return error;
    };
    const { root, newest } = yield* Effect.acquireRelease(
      Effect.try({ try: () => openAt(path), catch: failed }),
      ({ root, newest, opening }) =>
        Effect.promise(async () => {
          await Promise.allSettled(pending);
          if (!commitFailed) await root.close();
          newest.close();
          if (commitFailed || suspect) opening.abandoned();
          else opening.closed();
        }),
    );

    const read = <A>(look: () => A): Effect.Effect<A, StoreError> =>
      Effect.try({
        try: () => {
          root.resetReadTxn();
          return look();
        },
        catch: failed,
      });

    const transact = async <A>(change: () => A): Promise<A> => {
      for (let attempt = 0; attempt < mostAttempts; attempt++) {
        const done = await root.childTransaction(() => {
          if (newest.isReplaced()) throw new Error(replaced);
          return newest.isBehind(root.getWriteTxnId()) ? undefined : { value: change() };
        });
        if (done !== undefined) return done.value;
      }
      throw new Error("other processes keep opening it");
    };

    const write = <A>(change: () => A): Effect.Effect<A, StoreError> =>
      Effect.async<A, StoreError>((resume) => {
        const written = transact(change).then(
          (value) => resume(Effect.succeed(value)),
          (cause: { readonly commitError?: Promise<never> }) => {
            commitFailed ||= cause.commitError !== undefined;
            // A failed commit names its reason in a second promise.
            return Promise.resolve(cause.commitError).then(
              () => resume(Effect.fail(failed(cause))),
              (reason) => resume(Effect.fail(failed(reason))),
            );
          },
        );
        pending.add(written);
        written.finally(() => pending.delete(written));
      });

    // Waits for a compaction to end; puts right at once what opening may have set back, and removes what a killed one has left.
    const tables = yield* write(() => removeRemains(path)).pipe(
      Effect.zipRight(Effect.try({ try: () => openTables(root), catch: failed })),
      Effect.tapError(() => (suspect ? lookThrough(path) : Effect.void)),
    );
    return { path, tables, read, write } satisfies StoreService;
  });

/** A store that was compacted while it was opened is closed, and opened again. */
const make = (path: string) =>
  Effect.gen(function* () {
    yield* prepareFolder(path);
    yield* compactedIfDue(path);
    return yield* withOwnScope(open(path)).pipe(
      Effect.retry({ times: mostAttempts, while: ({ message }) => message.includes(replaced) }),
    );
  });

export const layerAt = (path: string): Layer.Layer<Store, StoreError> => Layer.scoped(Store, make(path));

/** The store in `$DATA_DIR/store`; opening it writes. */
export const layer = Layer.scoped(
  Store,
  Effect.gen(function* () {
    const folder = yield* dataFolder;
    yield* checkFolder(folder);
    const store = yield* make(folder.store);
    yield* makeFolderStamp(folder).pipe(
      Effect.catchTag("FolderFailure", ({ cause, path }) => Effect.fail(storeError(path, cause))),
    );
    return store;
  }),
);
