/**
 * A shop in memory that lives through anything: shoppers act, the archiver and each model's updater run now and then, models
 * are trained, items come to the catalogue, the shop names a new type of event, and what was given up is replayed, by runs that may be killed at any of
 * their steps. Every event has a user of its own, so that a state tells how often it counted.
 */
import { Clock, Duration, Effect, Layer, Option, type Scope, Stream } from "effect";
import { type ReplayOptions, replayLetters } from "../../src/deadletters/Replay.ts";
import type { Event } from "../../src/domain/Event.ts";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { defaultEventTypes, eventTypesOf } from "../../src/domain/EventTypes.ts";
import { type Model, offsetKey, trainedTypes } from "../../src/domain/Model.ts";
import { partitionOf } from "../../src/domain/Partitioner.ts";
import { archivedOffsets, rawEvents } from "../../src/domain/TableSchemas.ts";
import type { Learner } from "../../src/learning/Learner.ts";
import { stand, updaterGroup } from "../../src/models/Standing.ts";
import { Catalogue, type CatalogueService } from "../../src/ports/Catalogue.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { EventLog, type EventLogService } from "../../src/ports/EventLog.ts";
import type { Forgotten } from "../../src/ports/Forgotten.ts";
import { ItemIndex, type ItemIndexService, type ModelItems } from "../../src/ports/ItemIndex.ts";
import { ModelRegistry, type ModelRegistryService } from "../../src/ports/ModelRegistry.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { UserStates, type UserStatesService } from "../../src/ports/UserStates.ts";
import { archiver } from "../../src/stream/Archiver.ts";
import type { PartitionProcessor } from "../../src/stream/Processing.ts";
import { updater } from "../../src/stream/Updater.ts";
import { memoryForgotten } from "../support/MemoryForgotten.ts";
import { Faults, MemoryLetters, MemoryStates } from "../support/MemoryStores.ts";
import { memoryTables } from "../support/MemoryTables.ts";
import { ScriptedLog } from "../support/ScriptedLog.ts";

const partitions = 2;
const first = ["a", "b"];
/** Unknown to every model that was trained before the shop named it. */
export const newType = "wish";

/** What is learnt is of no account here. */
const careless: Learner = { learn: () => Float32Array.of(1) };

interface Trained {
  readonly model: Model;
  readonly items: ReadonlySet<string>;
  /** The events that its training counted, by id. */
  readonly counted: ReadonlySet<string>;
  readonly states: MemoryStates;
  /** Whose states were ever damaged. */
  readonly spoilt: Set<string>;
}

/** Ends a replay at one of its steps, before or after that has taken effect. */
export interface Kill {
  readonly step: number;
  readonly after: boolean;
}

export type Ports = EventLog | Forgotten | Catalogue | DeadLetters | ModelRegistry | ItemIndex | UserStates | Tables;

export class World {
  readonly log = new ScriptedLog(partitions);
  readonly letters = new MemoryLetters();
  readonly models: Array<Trained> = [];
  readonly posted: Array<Event> = [];
  /** Items of the shop's catalogue, by their indices from 1. */
  readonly catalogued = new Set<string>();
  /** As they are set. */
  private types = defaultEventTypes;
  private killing: Kill | undefined;
  private steps = 0;

  /** The shop names a type more. */
  readonly upgrade = Effect.sync(() => {
    this.types = eventTypesOf([...defaultEventTypes.list, { name: newType, weight: 1 }]);
  });

  /** Counts the operations that change something, and ends the process at the one that it was told. */
  private step = <A, E>(operation: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      const due = this.killing !== undefined && this.steps++ === this.killing.step;
      if (!due) return operation;
      return this.killing?.after === true ? Effect.zipRight(operation, Effect.interrupt) : Effect.interrupt;
    });

  private readonly eventLog: EventLogService = {
    ...this.log.service,
    append: (records) =>
      this.step(
        Effect.map(Clock.currentTimeMillis, (now) =>
          records.map(({ key, value }) => {
            const partition = partitionOf(key, partitions);
            this.log.append(partition, value, now / 1000);
            return { partition, offset: BigInt(this.log.records[partition]!.length - 1) };
          }),
        ),
      ),
  };

  readonly put = (itemId: string) => Effect.sync(() => this.catalogued.add(itemId));

  private readonly findItems: CatalogueService["find"] = (itemIds) =>
    Effect.sync(() => {
      const all = [...this.catalogued];
      return itemIds.map((itemId) => {
        const itemIdx = all.indexOf(itemId) + 1;
        return itemIdx === 0 ? undefined : { itemId, itemIdx, record: undefined, number: itemIdx };
      });
    });

  private readonly registry: Partial<ModelRegistryService> = {
    state: Effect.sync(() => ({
      models: this.models.map(({ model }) => model),
      serving: Option.fromNullable(this.models.at(-1)?.model.id),
    })),
  };

  private readonly items: Partial<ItemIndexService> = {
    items: (id) =>
      Effect.sync(() => {
        const { items } = this.find(id);
        return {
          rowOf: (item: string) => (items.has(item) ? 0 : undefined),
          rowOfIdx: (itemIdx: number) => (itemIdx === 0 ? 0 : undefined),
        } as ModelItems;
      }),
  };

  private readonly states = new Proxy({} as UserStatesService, {
    get:
      (_, operation: keyof UserStatesService) =>
      (id: string, ...rest: ReadonlyArray<never>) =>
        (this.find(id).states.service[operation] as (...args: ReadonlyArray<unknown>) => unknown)(id, ...rest),
  });

  private find(id: string): Trained {
    return this.models.find(({ model }) => model.id === id) as Trained;
  }

  readonly layer: Layer.Layer<Ports> = Layer.mergeAll(
    memoryForgotten(),
    Layer.succeed(EventLog, this.eventLog),
    Layer.succeed(DeadLetters, {
      ...this.letters.service,
      mark: (letters, mark) => this.step(this.letters.service.mark(letters, mark)),
    }),
    Layer.succeed(Catalogue, { find: this.findItems } as CatalogueService),
    Layer.succeed(ModelRegistry, this.registry as ModelRegistryService),
    Layer.succeed(ItemIndex, this.items as ItemIndexService),
    Layer.succeed(UserStates, this.states),
    memoryTables(0),
  );

  readonly post = (itemId: string, eventType: string, hoursAhead: number) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const n = this.posted.length;
      const event = {
        eventId: `event-${n}`,
        userId: `user-${n}`,
        itemId,
        eventType,
        timestamp: now / 1000 + hoursAhead * 3600,
        quantity: 1,
      };
      this.posted.push(event);
      return this.append(event.userId, encodeEvent(event));
    });

  readonly append = (key: string, value: Uint8Array) => this.eventLog.append([{ key, value }]);

  private readonly consume = <E>(
    open: (partition: number) => Effect.Effect<PartitionProcessor<E>, E, Scope.Scope>,
  ): Effect.Effect<void, E> =>
    Effect.forEach(
      this.log.records.keys(),
      (partition) =>
        Effect.gen(this, function* () {
          const processor = yield* open(partition);
          const records = this.log.records[partition]!.slice(Number(processor.from));
          for (let i = 0; i < records.length; i += 3) yield* processor.apply(records.slice(i, i + 3));
          yield* processor.flush;
        }).pipe(Effect.scoped),
      { discard: true },
    );

  readonly archive = Effect.gen(this, function* () {
    const { open } = yield* archiver({ flushRows: 1e6, flushBytes: 1e9, flushAge: Duration.hours(1) });
    yield* this.consume(open);
  });

  /** Of the models, counted from the newest. */
  private readonly modelAt = (back: number) => this.models.at(-1 - (back % Math.max(1, this.models.length)));

  /** What a model holds of a shopper can be decoded no more, or again. */
  readonly spoil = (back: number, user: number, isDamaged: boolean) =>
    Effect.sync(() => {
      const { spoilt, states } = this.modelAt(back) as Trained;
      const userId = `user-${user}`;
      if (isDamaged) {
        states.damaged.add(userId);
        spoilt.add(userId);
      } else states.damaged.delete(userId);
    });

  /** Lets the updater of one model apply what there is. */
  readonly follow = (back: number) =>
    Effect.gen(this, function* () {
      const trained = this.modelAt(back);
      if (trained === undefined) return;
      const { items, model } = trained;
      const context = yield* Effect.context<EventLog | UserStates>();
      const { open } = yield* updater({
        model: model.id,
        group: updaterGroup(model.id),
        halfLife: 86_400,
        items: {
          rank: 1,
          itemIdx: Uint32Array.of(0),
          vectors: Float32Array.of(1),
          rowOf: (item: string) => (items.has(item) ? 0 : undefined),
          rowOfIdx: (itemIdx: number) => (itemIdx === 0 ? 0 : undefined),
        },
        types: trainedTypes(model.snapshot),
        learner: careless,
        find: this.findItems,
        debounceSeconds: 0,
        standing: Effect.provide(stand(model), context),
      });
      yield* this.consume(open);
    });

  private readonly rows = Effect.flatMap(Tables, (tables) =>
    Effect.map(Stream.runCollect(tables.read(rawEvents.name)).pipe(Effect.orElseSucceed(() => [])), (batches) =>
      [...batches].flatMap(({ columns, rows }) =>
        Array.from({ length: rows }, (_, i) => ({
          eventId: columns.event_id![i] as string,
          itemId: columns.article_id![i] as string,
          eventType: columns.event_type![i] as string,
        })),
      ),
    ),
  );

  /** Trains a model on the archive, as a batch does: it knows every item that is in there. */
  readonly train = Effect.gen(this, function* () {
    const tables = yield* Tables;
    const now = yield* Clock.currentTimeMillis;
    const rows = yield* this.rows;
    const transactions = yield* tables.snapshot(rawEvents.name).pipe(
      Effect.map((snapshot) => snapshot.transactions),
      Effect.orElseSucceed(() => new Map<string, bigint>()),
    );
    const { identity } = this.log;
    const offsets = archivedOffsets(transactions, identity);
    const known = rows.filter(({ eventType }) => this.types.codeOf(eventType) >= 0);
    this.models.push({
      model: {
        id: `model-${this.models.length}`,
        createdAt: new Date(now).toISOString(),
        parameters: { rank: 1, regularization: 1, alpha: 1, iterations: 1, seed: 1 },
        metrics: {},
        snapshot: {
          tables: {},
          offsets: Object.fromEntries([...offsets].map(([p, next]) => [offsetKey(identity, p), String(next)])),
          eventTypes: this.types.list,
        },
        users: 0,
        items: 0,
        status: "live",
      },
      items: new Set([...first, ...known.map(({ itemId }) => itemId)]),
      counted: new Set(known.map(({ eventId }) => eventId)),
      states: new MemoryStates(new Faults()),
      spoilt: new Set(),
    });
  });

  readonly replay = (options: Partial<ReplayOptions> = {}, kill?: Kill) =>
    Effect.suspend(() => {
      this.killing = kill;
      this.steps = 0;
      const run = replayLetters({ reason: undefined, all: false, ...options });
      return Effect.ensuring(
        Effect.exit(run),
        Effect.sync(() => {
          this.killing = undefined;
        }),
      );
    });

  /** How often the event counted for a model, by its training and since; undefined where the model cannot use it. */
  private readonly countOf = ({ counted, items, model, spoilt, states }: Trained, event: Event): number | undefined => {
    const { eventId, eventType, itemId, userId } = event;
    const count = (counted.has(eventId) ? 1 : 0) + (states.users.get(userId)?.interactions.length ?? 0);
    // A replay is done with what every model counted that could use it then, though the item came to the catalogue later.
    const isClosed = [...this.letters.letters.values()].some(
      ({ consumer, replay, value }) =>
        consumer === updaterGroup(model.id) &&
        replay?.state === "counted" &&
        Buffer.from(value).includes(`"${eventId}"`),
    );
    const hasItem = items.has(itemId) || (this.catalogued.has(itemId) && !isClosed);
    const isReadable = !states.damaged.has(userId) && !(isClosed && spoilt.has(userId));
    const knows = isReadable && hasItem && trainedTypes(model.snapshot).codeOf(eventType) >= 0;
    return knows || count > 1 ? count : undefined;
  };

  /** What is wrong: events that a model which can use them has not counted once, and rows of the archive that are not once. */
  readonly faults = Effect.gen(this, function* () {
    const rows = yield* this.rows;
    return this.posted.flatMap((event) => {
      const archived = rows.filter(({ eventId }) => eventId === event.eventId).length;
      return [
        ...(archived === 1 ? [] : [`${event.eventId} is ${archived} times in the archive`]),
        ...this.models.flatMap((trained) => {
          const count = this.countOf(trained, event) ?? 1;
          return count === 1 ? [] : [`${event.eventId} counted ${count} times for ${trained.model.id}`];
        }),
      ];
    });
  });

  /** Everybody does all that there is to do. */
  readonly settle = Effect.gen(this, function* () {
    yield* this.archive;
    for (const back of this.models.keys()) yield* this.follow(back);
  });
}
