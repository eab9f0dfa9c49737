/**
 * Remove: the copies of whoever is forgotten, out of tables and files, and out of models that were behind.
 *
 * A batch begins with it, so that nothing it learns from names them; it may be run by itself at any time. Each step is noted when it is
 * done, and does no harm when it is done twice: a run that is killed is finished by the next. Raw tables are looked through for
 * everybody who was ever forgotten, since a file may be read again and an older version put in place.
 */
import { Clock, Effect } from "effect";
import { ifThere } from "../datasets/IfThere.ts";
import { type StepName, type Tombstone, withStep } from "../domain/Forgotten.ts";
import { snapshotOffsets } from "../domain/Model.ts";
import {
  archivedOffsets,
  rawCustomers,
  rawEvents,
  rawTransactions,
  type TableDefinition,
  userMap,
} from "../domain/TableSchemas.ts";
import { userAt } from "../models/ForgetWord.ts";
import { EventLog } from "../ports/EventLog.ts";
import { Forgotten, type ForgottenError } from "../ports/Forgotten.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { Sql, type SqlSession } from "../ports/Sql.ts";
import { TableError, Tables } from "../ports/Tables.ts";
import { inTurn } from "../ports/Turns.ts";
import { coolFactors } from "./FactorRows.ts";
import { askForCompaction, goneFromLog } from "./Freed.ts";
import { removeLetters } from "./Letters.ts";
import { removeRejected } from "./Rejected.ts";
import { loadTombstones, type Mapped, mappedUsers, removeRows, renameMapped } from "./Rows.ts";
import { emptyStates, isApplied } from "./States.ts";

type Some = ReadonlyArray<Tombstone>;

const without = (tombstones: Some, step: StepName): Some => tombstones.filter(({ done }) => done[step] === undefined);

/** Notes the step of each, unless the user was forgotten anew meanwhile. */
const note = (tombstones: Some, step: StepName) =>
  Effect.gen(function* () {
    const { change } = yield* Forgotten;
    const now = (yield* Clock.currentTimeMillis) / 1000;
    for (const tombstone of without(tombstones, step)) {
      const { forgottenAt, hash, place } = tombstone;
      const isSame = (other: Tombstone) => other.forgottenAt === forgottenAt && other.place?.offset === place?.offset;
      yield* change(hash, (before = tombstone) => (isSame(before) ? withStep(before, step, now) : before));
    }
  });

/** Tries again where another writer was faster. */
const stubborn = <E, R>(table: string, attempt: Effect.Effect<boolean, E, R>) =>
  attempt.pipe(
    Effect.repeat({ until: (done) => done, times: 9 }),
    Effect.filterOrFail(
      (done) => done,
      () =>
        new TableError({
          reason: "Io",
          table,
          message: `others keep changing ${table}: remove who is forgotten once they are through`,
        }),
    ),
  );

/** Those of whom no row can come to the archive any more: it is beyond the word, or of another log. */
const archived = (tombstones: Some) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const snapshot = yield* ifThere(tables.snapshot(rawEvents.name));
    const identity = yield* Effect.flatMap(EventLog, (log) => log.identity);
    return tombstones.filter(({ place }) => {
      if (place === undefined) return false;
      if (place.log !== identity) return true;
      const next = archivedOffsets(snapshot?.transactions ?? new Map(), place.log).get(place.partition);
      return (next ?? 0n) > place.offset;
    });
  });

const fromTable = (session: SqlSession, salt: string, table: TableDefinition) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    if ((yield* ifThere(tables.snapshot(table.name))) === undefined) return;
    yield* stubborn(table.name, removeRows(session, salt, table));
  });

/** The map's ids, after what models learnt under their indices; answers whom the map named. */
const fromMap = (session: SqlSession, salt: string, tombstones: Some) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    if ((yield* ifThere(tables.snapshot(userMap.name))) === undefined) return [];
    yield* loadTombstones(session, tombstones);
    const mapped = yield* mappedUsers(session, salt, userMap);
    if (mapped.length === 0) return mapped;
    const { models } = yield* Effect.flatMap(ModelRegistry, (registry) => registry.state);
    for (const model of models) {
      const isOlder = ({ place }: Tombstone): boolean =>
        place === undefined || (snapshotOffsets(model, place.log).named.get(place.partition) ?? 0n) <= place.offset;
      const hashes = new Set(tombstones.filter(isOlder).map(({ hash }) => hash));
      const indices = mapped.flatMap(({ hash, user_idx }) => (hashes.has(hash) ? [user_idx] : []));
      if (indices.length > 0) yield* coolFactors(model, new Set(indices));
    }
    return mapped;
  });

/** Of models that were behind when it was asked for. */
const fromStates = (tombstones: Some, mapped: ReadonlyArray<Mapped>) =>
  Effect.gen(function* () {
    for (const tombstone of tombstones) {
      const { hash, place } = tombstone;
      if (place === undefined || !(yield* isApplied(place))) continue;
      const userId = (yield* userAt(tombstone)) ?? mapped.find((one) => one.hash === hash)?.customer_id;
      if (userId === undefined) continue;
      yield* emptyStates(place, userId);
      yield* note([tombstone], "states");
    }
  });

const remove = Effect.gen(function* () {
  const { all, salt: itsSalt } = yield* Forgotten;
  const tombstones = yield* all;
  if (tombstones.length === 0) return 0;
  const salt = yield* itsSalt;
  const session = yield* Effect.flatMap(Sql, (engine) => engine.session);
  const told = yield* archived(tombstones);
  yield* loadTombstones(session, tombstones);
  for (const table of [rawEvents, rawTransactions, rawCustomers]) yield* fromTable(session, salt, table);
  yield* note(told, "events");
  yield* note(tombstones, "transactions");
  yield* note(tombstones, "customers");
  const unmapped = without(tombstones, "user_map");
  const mapped = unmapped.length === 0 ? [] : yield* fromMap(session, salt, unmapped);
  yield* fromStates(without(tombstones, "states"), mapped);
  if (mapped.length > 0) yield* stubborn(userMap.name, renameMapped(session, userMap));
  yield* note(unmapped, "models");
  yield* note(unmapped, "user_map");
  yield* removeLetters(tombstones);
  yield* note(tombstones, "dead_letters");
  if (yield* removeRejected(tombstones)) yield* note(tombstones, "rejected");
  const pending = tombstones.filter(({ done }) => Object.keys(done).length < 8).length;
  if (pending > 0) yield* Effect.logInfo(`removed what tables and files held of ${pending} users who are forgotten`);
  yield* note(yield* goneFromLog(without(tombstones, "event_log")), "event_log");
  yield* askForCompaction(yield* all);
  return tombstones.length;
}).pipe(Effect.scoped);

/** Removes what can be now; answers how many were ever forgotten. Costs nothing where nobody was. */
export const removeForgotten = remove.pipe(inTurn("removing who is forgotten"));

/** Whose rows the training data that are made next cannot have any more. */
export const removedFromRows: Effect.Effect<Some, ForgottenError, Forgotten> = Effect.flatMap(Forgotten, ({ all }) =>
  Effect.map(all, (tombstones) =>
    tombstones.filter(
      ({ done }) => done.events !== undefined && done.transactions !== undefined && done.user_map !== undefined,
    ),
  ),
);

/** Notes that the training data were made without them. */
export const noteTrainingData = (tombstones: Some) => note(tombstones, "training_data");
