/**
 * TransactionLog: the `_delta_log` folder of one table, read as a state and added to by put-if-absent commits.
 *
 * Reading: the checkpoint that `_last_checkpoint` names, or else the newest complete one that can be read, then every
 * commit after it. Commits that this process has
 * replayed already are not read again. Writing: one commit at a time within the process; against other processes the
 * put decides, and the loser reads again.
 */
import { join } from "node:path";
import { Effect, Either, Option, Ref, Stream } from "effect";
import { type Action, parseCommit, printCommit } from "../../../src/delta/Actions.ts";
import { checkpointInterval } from "../../../src/delta/Checkpoint.ts";
import { type Checkpoint, commitName, type LogListing, listing, logFolder } from "../../../src/delta/LogNames.ts";
import { type Commit, emptyState, type LogState, replay } from "../../../src/delta/LogState.ts";
import type { TableError } from "../../../src/ports/Tables.ts";
import type { ObjectHead } from "../objects/Objects.ts";
import { loadCheckpoint, namedCheckpoint, writeCheckpoint } from "./Checkpoints.ts";
import { failure, restoreOrAnew } from "./TableErrors.ts";
import { namesIn, readText, type TableObjects } from "./TableObjects.ts";

export interface TransactionLog {
  /** The newest state; none where there is no table. */
  readonly latest: Effect.Effect<Option.Option<LogState>, TableError>;
  /** The state at a version; fails with `NotFound` where the log does not reach it. */
  readonly at: (version: number) => Effect.Effect<LogState, TableError>;
  /**
   * Puts the version after `base`; false where another writer was faster. `visible` runs as soon as others can see the
   * commit, which cannot be taken back from then on, even if this effect fails or is interrupted.
   */
  readonly commit: (
    base: LogState,
    actions: ReadonlyArray<Action>,
    visible: Effect.Effect<void>,
  ) => Effect.Effect<boolean, TableError>;
  /** The commits after a version up to the newest; undefined where one of them is no longer in the log. */
  readonly after: (version: number) => Effect.Effect<ReadonlyArray<Commit> | undefined, TableError>;
  /** Every commit that is still in the log, oldest first. */
  readonly history: Stream.Stream<Commit, TableError>;
  /** One writer of this process at a time. */
  readonly exclusively: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>;
}

interface Replayed {
  readonly state: LogState;
  /** Of the newest commit's file: another one under its name means another table. */
  readonly identity: ObjectHead;
}

export const makeTransactionLog = (objects: TableObjects, folder: string): Effect.Effect<TransactionLog> =>
  Effect.gen(function* () {
    const { table } = objects;
    const logPath = join(folder, logFolder);
    const replayed = yield* Ref.make(Option.none<Replayed>());
    const semaphore = yield* Effect.makeSemaphore(1);
    const path = (version: number): string => join(logPath, commitName(version));

    const list = Effect.map(namesIn(objects, logPath), listing);
    const newest = (names: LogListing): number =>
      Math.max(names.commits.at(-1) ?? -1, names.checkpoints.at(-1)?.version ?? -1);

    /** What to do about a commit that cannot be read. Without the newest one the table is as it was before. */
    const remedy = (version: number): Effect.Effect<string, TableError> =>
      Effect.map(list, (names) =>
        newest(names) === version
          ? "restore it from a backup, or move it away: what it added is then written again, by the archiver or the next batch"
          : restoreOrAnew(folder),
      );

    const readCommit = (version: number): Effect.Effect<Option.Option<Commit>, TableError> =>
      Effect.flatMap(
        readText(objects, path(version)),
        Option.match({
          onNone: () => Effect.succeed(Option.none()),
          onSome: (text) =>
            Either.match(parseCommit(text), {
              onLeft: (fault) =>
                Effect.flatMap(remedy(version), (advice) =>
                  Effect.fail(failure("Corrupt", table, `${path(version)} is damaged, ${fault}; ${advice}`)),
                ),
              onRight: (actions) => Effect.succeed(Option.some({ version, actions })),
            }),
        }),
      );

    const requireCommit = (version: number): Effect.Effect<Commit, TableError> =>
      Effect.flatMap(
        readCommit(version),
        Option.match({
          onNone: () =>
            Effect.fail(
              failure(
                "Corrupt",
                table,
                `${path(version)} is missing, so no version from ${version} on can be read; ${restoreOrAnew(folder)}`,
              ),
            ),
          onSome: Effect.succeed,
        }),
      );

    /** Of several that cannot be read, the first is told. */
    const from = (base: LogState, version: number): Effect.Effect<LogState, TableError> =>
      Effect.forEach(
        Array.from({ length: version - base.version }, (_, i) => base.version + 1 + i),
        (one) => Effect.either(requireCommit(one)),
        { concurrency: 16 },
      ).pipe(
        Effect.flatMap((read) => Effect.all(read)),
        Effect.map((commits) => replay(base, commits)),
      );

    /** The state at `version` from the first of the checkpoints that leads to it, or from the first commit. */
    const fromFirst = (
      [first, ...rest]: ReadonlyArray<Checkpoint>,
      version: number,
    ): Effect.Effect<LogState, TableError> =>
      first === undefined
        ? from(emptyState, version)
        : loadCheckpoint(objects, logPath, first).pipe(
            Effect.flatMap((base) => from(base, version)),
            Effect.catchIf(
              (error) => error.reason === "Corrupt" || error.reason === "Io",
              (error) => Effect.orElseFail(fromFirst(rest, version), () => error),
            ),
          );

    const rebuild = (names: LogListing, version: number): Effect.Effect<LogState, TableError> =>
      Effect.flatMap(namedCheckpoint(objects, logPath), (named) => {
        const newestFirst = names.checkpoints.filter((checkpoint) => checkpoint.version <= version).reverse();
        const isNamed = (checkpoint: Checkpoint) => Option.contains(named, checkpoint.version);
        return fromFirst([...newestFirst.filter(isNamed), ...newestFirst.filter((it) => !isNamed(it))], version);
      });

    const remember = (state: LogState): Effect.Effect<void, TableError> =>
      Effect.flatMap(objects.head(path(state.version)), (identity) =>
        Ref.set(
          replayed,
          Option.map(identity, (found) => ({ state, identity: found })),
        ),
      );

    const fromListing: Effect.Effect<Option.Option<LogState>, TableError> = Effect.gen(function* () {
      const names = yield* list;
      const version = newest(names);
      if (version < 0) return Option.none();
      const state = yield* rebuild(names, version);
      yield* remember(state);
      return Option.some(state);
    });

    const advance = ({ state }: Replayed): Effect.Effect<LogState, TableError> =>
      Effect.gen(function* () {
        const commits: Array<Commit> = [];
        for (;;) {
          const commit = yield* readCommit(state.version + 1 + commits.length);
          if (Option.isNone(commit)) break;
          commits.push(commit.value);
        }
        if (commits.length === 0) return state;
        const next = replay(state, commits);
        yield* remember(next);
        return next;
      });

    const latest = Effect.gen(function* () {
      const known = yield* Ref.get(replayed);
      if (Option.isNone(known)) return yield* fromListing;
      const identity = yield* objects.head(path(known.value.state.version));
      const same = Option.isSome(identity) && identity.value.tag === known.value.identity.tag;
      return same ? Option.some(yield* advance(known.value)) : yield* fromListing;
    });

    const at = (version: number): Effect.Effect<LogState, TableError> =>
      Effect.gen(function* () {
        const names = yield* list;
        const last = newest(names);
        if (last < 0) return yield* Effect.fail(failure("NotFound", table, `there is no table ${table} at ${folder}`));
        const reached =
          names.commits.includes(version) || names.checkpoints.some((checkpoint) => checkpoint.version === version);
        if (!reached) {
          const message = `table ${table} has no version ${version}; its newest is ${last}`;
          return yield* Effect.fail(failure("NotFound", table, message));
        }
        return yield* rebuild(names, version);
      });

    const commit: TransactionLog["commit"] = (base, actions, visible) =>
      Effect.gen(function* () {
        const version = base.version + 1;
        if (version === 0) yield* objects.makeFolder(logPath);
        const put = objects.putIfAbsent(path(version), Buffer.from(printCommit(actions)));
        const done = yield* Effect.tap(put, (won) => (won ? visible : Effect.void));
        if (!done) return false;
        yield* objects.persistNames(logPath);
        const state = replay(base, [{ version, actions }]);
        yield* remember(state);
        if (version > 0 && version % checkpointInterval === 0) {
          yield* Effect.catchAll(writeCheckpoint(objects, logPath, state), (error) =>
            Effect.logWarning(`table ${table}: no checkpoint at version ${version}: ${error.message}`),
          );
        }
        return true;
      }).pipe(Effect.uninterruptible);

    const after = (version: number) =>
      Effect.gen(function* () {
        const last = newest(yield* list);
        const versions = Array.from({ length: Math.max(0, last - version) }, (_, i) => version + 1 + i);
        const commits = yield* Effect.forEach(versions, readCommit, { concurrency: 16 });
        const found = commits.flatMap(Option.toArray);
        return last < version || found.length < versions.length ? undefined : found;
      });

    const history = Stream.unwrap(
      Effect.map(list, ({ commits }) => Stream.mapEffect(Stream.fromIterable(commits), requireCommit)),
    );

    return { latest, at, commit, after, history, exclusively: semaphore.withPermits(1) };
  });
