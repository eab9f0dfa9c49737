/** GatherFacts: what there is to know of models, archive and log before events are appended again. */
import { Clock, Duration, Effect, Either, Schema, Stream } from "effect";
import { eventLog } from "../config/Shared.ts";
import type { Event } from "../domain/Event.ts";
import { decodeEvent, positionId } from "../domain/EventCodec.ts";
import { trainedTypes } from "../domain/Model.ts";
import { archivedOffsets, rawEvents } from "../domain/TableSchemas.ts";
import { standing, updaterGroup } from "../models/Standing.ts";
import { Catalogue } from "../ports/Catalogue.ts";
import type { KeptLetter } from "../ports/DeadLetters.ts";
import { EventLog } from "../ports/EventLog.ts";
import { ItemIndex } from "../ports/ItemIndex.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { Tables } from "../ports/Tables.ts";
import { UserStates } from "../ports/UserStates.ts";
import { archiverGroup } from "../stream/ArchiveOffsets.ts";
import { makeCatalogued } from "../stream/Catalogued.ts";
import type { Case } from "./Cases.ts";
import type { Facts, Follower } from "./Decision.ts";

/** The same for an event and its replay, and, since some shops use ids again, for no other event of the user. */
const keyOf = ({ eventId, timestamp, userId }: Pick<Event, "eventId" | "timestamp" | "userId">): string =>
  `${userId}\u0000${eventId}\u0000${timestamp}`;

/** What the archive may know the letter's event by: version 0.1 made other ids for events without one. */
const keysOf = ({ log, offset, partition, value }: KeptLetter, identity: string): ReadonlyArray<string> =>
  (log === ""
    ? [positionId(identity, partition, offset), `${partition}-${offset}`]
    : [positionId(log, partition, offset)]
  )
    .map((id) => decodeEvent(value, id))
    .flatMap((event) => (Either.isRight(event) ? [keyOf(event.right)] : []));

/** Some archiver has read the log, and what it wrote is not here: whether an event is archived cannot be told. */
export class ArchiveElsewhere extends Schema.TaggedError<ArchiveElsewhere>()("ArchiveElsewhere", {
  message: Schema.String,
}) {}

/** Fails where the table is missing though an archiver has committed: its first commit makes the table. */
const requireNoArchive = Effect.gen(function* () {
  const committed = yield* Effect.flatMap(EventLog, (log) => log.committed(archiverGroup));
  if (committed.every((next) => next === undefined || next === 0n)) return;
  return yield* new ArchiveElsewhere({
    message: `the archive (${rawEvents.name}) is not in DATA_DIR of this process, so that it cannot be told which events it has; nothing was replayed: \`dead-letters replay\` does it where the archiver writes, or the API of a process that shares that folder, such as all-in-one`,
  });
});

/** Which of the events the archive has, and their offsets: one pass over four of its columns. */
const findArchived = (wanted: ReadonlySet<string>) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const found = new Map<string, Array<bigint>>();
    const snapshot = yield* tables.snapshot(rawEvents.name).pipe(
      Effect.catchIf(
        (error) => error.reason === "NotFound",
        () => Effect.succeed(undefined),
      ),
    );
    if (snapshot === undefined) {
      yield* requireNoArchive;
      return { found, transactions: new Map<string, bigint>() };
    }
    const { transactions, version } = snapshot;
    if (wanted.size > 0) {
      yield* tables
        .read(rawEvents.name, { columns: ["customer_id", "event_id", "timestamp", "log_offset"], version })
        .pipe(
          Stream.runForEach(({ columns, rows }) =>
            Effect.sync(() => {
              const users = columns.customer_id as ArrayLike<string>;
              const ids = columns.event_id as ArrayLike<string>;
              const times = columns.timestamp as ArrayLike<number>;
              const offsets = columns.log_offset as ArrayLike<bigint>;
              for (let i = 0; i < rows; i++) {
                const key = keyOf({ userId: users[i], eventId: ids[i], timestamp: times[i] });
                if (wanted.has(key)) found.set(key, [...(found.get(key) ?? []), offsets[i]]);
              }
            }),
          ),
        );
    }
    return { found, transactions };
  });

const leastOf = (offsets: ReadonlyArray<bigint>): bigint | undefined => offsets.toSorted((a, b) => (a < b ? -1 : 1))[0];

/** The models that are followed, or were and may be again. One whose items cannot be read is passed over. */
const followersOf = Effect.fnUntraced(function* (itemIds: ReadonlyArray<string>, userIds: ReadonlyArray<string>) {
  const { find } = yield* Catalogue;
  const { models, serving } = yield* Effect.flatMap(ModelRegistry, ({ state }) => state);
  const items = yield* ItemIndex;
  const { readPacked } = yield* UserStates;
  const followers = yield* Effect.forEach(
    models.filter(({ status }) => status !== "trained"),
    (model) =>
      Effect.gen(function* () {
        const own = yield* items.items(model.id);
        // Updaters count what came to the catalogue after their model was made.
        const catalogued = yield* makeCatalogued(own, find)(itemIds);
        const { start } = yield* standing(model);
        const states = yield* readPacked(model.id, userIds);
        const damaged = new Set(userIds.filter((_, i) => states[i]() === "damaged"));
        const follower: Follower = {
          id: model.id,
          group: updaterGroup(model.id),
          createdAt: Date.parse(model.createdAt) / 1000,
          start,
          types: trainedTypes(model.snapshot).names,
          knows: (itemId) => own.rowOf(itemId) !== undefined || catalogued.has(itemId),
          isDamaged: (userId) => damaged.has(userId),
        };
        return [follower];
      }).pipe(
        Effect.catchTag("ItemIndexError", (error) =>
          Effect.as(Effect.logWarning(`model ${model.id} is passed over: ${error.message}`), []),
        ),
      ),
  );
  return { followers: followers.flat(), serving };
});

/** What a letter holds, if it is an event. */
const eventOf = ({ value }: KeptLetter): ReadonlyArray<Event> =>
  Either.match(decodeEvent(value, ""), { onLeft: () => [], onRight: (event) => [event] });

export const gatherFacts = (cases: ReadonlyArray<Case>, all: boolean) =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    const identity = yield* log.identity;
    const ends = yield* log.endOffsets;
    const firsts = yield* Effect.forEach(ends, (end, partition) =>
      Effect.map(log.read(partition, 0n, 1), ([first]) => first?.offset ?? end),
    );
    const itemIds = cases.flatMap(({ letters }) => letters.slice(0, 1).flatMap(eventOf)).map(({ itemId }) => itemId);
    const stopped = cases.flatMap(({ letters }) => letters.filter(({ reason }) => reason === "damaged_state"));
    const userIds = [...new Set(stopped.flatMap(eventOf).map(({ userId }) => userId))];
    const { followers, serving } = yield* followersOf(itemIds, userIds);
    const wanted = new Set(cases.flatMap(({ letters }) => letters.slice(0, 1).flatMap((one) => keysOf(one, identity))));
    const { found, transactions } = yield* findArchived(wanted);
    const named = archivedOffsets(transactions, identity);
    const archived = named.size > 0 ? named : archivedOffsets(transactions, "");
    const facts: Facts = {
      log: identity,
      now: (yield* Clock.currentTimeMillis) / 1000,
      serving: serving._tag === "Some" ? serving.value : undefined,
      followers,
      archivedFrom: (letter) => {
        const offsets = keysOf(letter, identity).flatMap((key) => found.get(key) ?? []);
        return leastOf(offsets.filter((offset) => offset >= letter.offset)) ?? leastOf(offsets);
      },
      archiveNext: (partition) => archived.get(partition) ?? 0n,
      isGone: (partition, offset) => offset < (firsts[partition] ?? 0n),
      retention: Duration.toSeconds(yield* eventLog.retention.config),
      all,
    };
    return facts;
  });
