import { describe, expect, it } from "@effect/vitest";
import { Cause, Effect, Exit, Layer, Stream } from "effect";
import type { Event } from "../../src/domain/Event.ts";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { encodeForget } from "../../src/domain/Forget.ts";
import { saltedHash, type Tombstone } from "../../src/domain/Forgotten.ts";
import { userFactors } from "../../src/domain/ModelTables.ts";
import { archiveAppId, rawCustomers, rawEvents, rawTransactions, userMap } from "../../src/domain/TableSchemas.ts";
import { removeForgotten } from "../../src/forgetting/Remove.ts";
import { factorBatches } from "../../src/models/Factors.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { Forgotten } from "../../src/ports/Forgotten.ts";
import { ModelRegistry } from "../../src/ports/ModelRegistry.ts";
import { noStoreFile, StoreFile } from "../../src/ports/StoreFile.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { batchOf, inFolder, type Row, rowsOf } from "../support/Folder.ts";
import { memoryForgotten, salt } from "../support/MemoryForgotten.ts";
import { MemoryLetters } from "../support/MemoryStores.ts";
import { MemoryRegistry, modelOf } from "../support/Models.ts";
import { ScriptedLog } from "../support/ScriptedLog.ts";

/** Midnight of a day, and noon of it, when ann is forgotten by the word at offset 2 of partition 0. */
const day = 19_675;
const midnight = 86_400 * day;
const noon = midnight + 43_200;
const annsHash = saltedHash(salt, "ann");

const bought = (customer_id: string, t_dat: number, timestamp: number | null, article_id: string): Row => ({
  customer_id,
  t_dat,
  timestamp,
  article_id,
});

const did = (
  customer_id: string,
  place: readonly [log: string | null, partition: number, offset: bigint],
  arrived_at: number | null,
): Row => ({
  customer_id,
  t_dat: day,
  article_id: "a1",
  sales_channel_id: 2,
  event_type: "click",
  timestamp: arrived_at ?? midnight,
  quantity: 1,
  event_id: `${customer_id} ${place.join(" ")}`,
  log_id: place[0],
  log_partition: place[1],
  log_offset: place[2],
  arrived_at,
});

const event = (userId: string, itemId: string): Event => ({
  eventId: `${userId} ${itemId}`,
  userId,
  itemId,
  eventType: "click",
  timestamp: midnight,
  quantity: 1,
});

interface World {
  readonly log: ScriptedLog;
  readonly tombstones: Map<string, Tombstone>;
  readonly letters: MemoryLetters;
  readonly emptied: Array<string>;
  /** So many changes of tombstones are made; the next one ends the run, as a kill would. */
  life: number;
  readonly layer: Layer.Layer<Forgotten | DeadLetters | EventLog | ModelRegistry | UserStates>;
}

const makeWorld = (): World => {
  const log = new ScriptedLog(1);
  log.append(0, encodeEvent(event("ann", "a1")), noon - 60);
  log.append(0, encodeEvent(event("bob", "a1")), noon - 60);
  log.append(0, encodeForget({ eventId: "word", userId: "ann", timestamp: noon }), noon);
  log.append(0, encodeEvent(event("ann", "a2")), noon + 60);
  const place = { log: log.identity, partition: 0, offset: 2n };
  const tombstones = new Map<string, Tombstone>([[annsHash, { hash: annsHash, forgottenAt: noon, place, done: {} }]]);
  const letters = new MemoryLetters();
  const registry = new MemoryRegistry([modelOf("m", { status: "live" })], "m");
  const emptied: Array<string> = [];
  const memory = memoryForgotten(tombstones);
  const world: World = {
    log,
    tombstones,
    letters,
    emptied,
    life: Number.POSITIVE_INFINITY,
    layer: Layer.mergeAll(
      Layer.effect(
        Forgotten,
        Effect.map(Forgotten, (service) => ({
          ...service,
          change: (hash, change) =>
            Effect.suspend(() => (world.life-- > 0 ? service.change(hash, change) : Effect.die("killed"))),
        })),
      ).pipe(Layer.provide(memory)),
      Layer.succeed(EventLog, log.service),
      Layer.succeed(DeadLetters, letters.service),
      Layer.succeed(ModelRegistry, registry.service),
      Layer.mock(UserStates, {
        logs: () => Effect.succeed([{ identity: log.identity, partitions: 1 }]),
        position: () => Effect.succeed(4n),
        forget: (model, userId, { next, slot }) =>
          Effect.sync(() => void emptied.push(`${model} ${userId} ${slot} ${next}`)),
      }),
    ),
  };
  return world;
};

/** What a shop holds of ann, who came back later, and of bob. */
const fill = (world: World, write: (name: string, text: string) => Effect.Effect<string>) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const append = (
      { name, schema }: typeof rawEvents,
      rows: ReadonlyArray<Row>,
      more: Parameters<typeof tables.append>[3] = [],
    ) => tables.append(name, schema, Stream.make(batchOf(schema, rows)), more);
    yield* append(rawTransactions, [bought("bob", day - 3, null, "a0"), bought("bob", day - 2, null, "a1")]);
    yield* append(rawTransactions, [
      bought("ann", day - 2, null, "a1"),
      bought("bob", day - 1, noon, "a2"),
      bought("ann", day, null, "a3"),
    ]);
    yield* append(rawTransactions, [
      bought("ann", day, noon - 1, "a4"),
      bought("ann", day, noon + 1, "a5"),
      bought("bob", day + 1, null, "a6"),
    ]);
    yield* append(rawTransactions, [bought("bob", day + 1, null, "a7")]);
    const archived = { appId: archiveAppId("scripted", 0), expected: undefined, next: 4n };
    yield* append(rawEvents, [did("ann", ["scripted", 0, 0n], noon + 999), did("bob", ["scripted", 0, 1n], noon - 60)]);
    yield* append(rawEvents, [did("bob", ["other", 0, 7n], noon - 60)]);
    yield* append(
      rawEvents,
      [
        did("ann", ["scripted", 0, 3n], noon - 999),
        did("ann", ["other", 0, 3n], noon - 1),
        did("ann", [null, 0, 9n], null),
        did("ann", ["other", 0, 4n], noon + 1),
      ],
      [archived],
    );
    yield* append(rawCustomers, [
      { customer_id: "ann", age: 30 },
      { customer_id: "bob", age: 40 },
    ]);
    yield* append(
      userMap,
      ["bob", "ann", "cyd"].map((customer_id, user_idx) => ({ customer_id, user_idx })),
    );
    const { name, schema } = userFactors("m");
    yield* tables.overwrite(name, schema, factorBatches(Float32Array.of(1, 2, 3, 4, 5, 6), 2));
    const letter = {
      log: "scripted",
      consumer: "archiver",
      partition: 0,
      reason: "unknown_item",
      detail: "",
      appendedAt: noon - 60,
    } as const;
    const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
    yield* world.letters.service.append([
      { ...letter, offset: 0n, value: encodeEvent(event("ann", "odd")) },
      { ...letter, offset: 1n, value: text({ user_id: "ann", nothing: "else" }) },
      { ...letter, offset: 3n, value: encodeEvent(event("ann", "odd")) },
      { ...letter, consumer: "updater-m", offset: 1n, value: encodeEvent(event("bob", "odd")) },
    ]);
    yield* write(
      "rejected/events.csv",
      `line,reason,row\n2,"no item","bob,,1"\n3,"no ""item""","ann,"""",1"\n4,"no item","anna;;1"\n`,
    );
    return world;
  });

/** What is left, in words. */
const left = (world: World, read: (name: string) => Effect.Effect<string>) =>
  Effect.gen(function* () {
    const factors = yield* rowsOf(userFactors("m").name);
    return {
      transactions: (yield* rowsOf(rawTransactions.name)).map(
        ({ article_id, customer_id }) => `${customer_id} ${article_id}`,
      ),
      events: (yield* rowsOf(rawEvents.name)).map(({ event_id }) => event_id).sort(),
      customers: (yield* rowsOf(rawCustomers.name)).map(({ customer_id }) => customer_id),
      map: (yield* rowsOf(userMap.name)).map(({ customer_id, user_idx }) => `${user_idx} ${customer_id}`),
      factors: factors.map(({ features }) => Array.from(features as Float32Array)),
      letters: [...world.letters.letters.keys()],
      rejected: yield* read("rejected/events.csv"),
    };
  });

const expected = {
  transactions: ["bob a0", "bob a1", "bob a2", "ann a5", "bob a6", "bob a7"],
  events: ["ann other 0 4", "ann scripted 0 3", "bob other 0 7", "bob scripted 0 1"],
  customers: ["bob"],
  map: ["0 bob", "1 \u0001forgotten 1", "2 cyd"],
  factors: [
    [1, 2],
    [0, 0],
    [5, 6],
  ],
  letters: ["archiver 0 3", "updater-m 0 1"],
  rejected: `line,reason,row\n2,"no item","bob,,1"\n4,"no item","anna;;1"\n`,
};

const steps = ["states", "events", "transactions", "customers", "user_map", "models", "dead_letters", "rejected"];
const doneIn = ({ tombstones }: World) => Object.keys(tombstones.get(annsHash)?.done ?? {}).sort();

describe("Who is forgotten", () => {
  it.effect("is out of tables and files, what came after the word apart, and nobody else", () =>
    inFolder(({ read, write }) =>
      Effect.gen(function* () {
        const world = yield* fill(makeWorld(), write);
        expect(yield* Effect.provide(removeForgotten, world.layer)).toBe(1);
        expect(yield* left(world, read)).toEqual(expected);
        expect(world.emptied).toEqual(["m ann 0 3"]);
        expect(doneIn(world)).toEqual([...steps].sort());
      }),
    ),
  );

  it.effect("is out of them wherever a run is killed: the next one finishes", () =>
    inFolder(({ read, write }) =>
      Effect.gen(function* () {
        const world = yield* fill(makeWorld(), write);
        let kills = 0;
        for (let exit: Exit.Exit<unknown, unknown> | undefined; exit === undefined || !Exit.isSuccess(exit); kills++) {
          world.life = 1;
          exit = yield* Effect.exit(Effect.provide(removeForgotten, world.layer));
          if (Exit.isFailure(exit)) expect(Cause.pretty(exit.cause)).toContain("killed");
        }
        expect(kills).toBe(steps.length);
        expect(yield* left(world, read)).toEqual(expected);
      }),
    ),
  );

  it.effect("is out again of what is read again; nothing is written where there is nothing of them", () =>
    inFolder(({ read, write }) =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        const world = yield* fill(makeWorld(), write);
        yield* Effect.provide(removeForgotten, world.layer);
        const { name, schema } = rawTransactions;
        yield* tables.append(name, schema, Stream.make(batchOf(schema, [bought("ann", day - 2, null, "a1")])));
        yield* Effect.provide(removeForgotten, world.layer);
        expect(yield* left(world, read)).toEqual(expected);
        const versions = Effect.forEach([rawTransactions, rawEvents, rawCustomers, userMap], (table) =>
          Effect.map(tables.snapshot(table.name), ({ version }) => version),
        );
        const now = yield* versions;
        yield* Effect.provide(removeForgotten, world.layer);
        expect(yield* versions).toEqual(now);
      }),
    ),
  );

  it.effect(
    "has the embedded store compacted once everything else has gone, the log's records too, and once only",
    () =>
      inFolder(({ write }) =>
        Effect.gen(function* () {
          const world = yield* fill(makeWorld(), write);
          let compactedAt: number | undefined;
          let asked = 0;
          const file = Layer.succeed(StoreFile, {
            ...noStoreFile,
            isEmbedded: true,
            compactedAt: Effect.sync(() => compactedAt),
            ask: Effect.sync(() => void asked++),
          });
          const removing = Effect.provide(removeForgotten, Layer.merge(world.layer, file));
          yield* removing;
          world.log.starts[0] = 2n;
          yield* removing;
          expect([asked, doneIn(world)]).toEqual([0, expect.not.arrayContaining(["event_log"])]);
          world.log.starts[0] = 3n;
          yield* removing;
          expect([asked, doneIn(world)]).toEqual([1, expect.arrayContaining(["event_log"])]);
          const gone = world.tombstones.get(annsHash)?.done.event_log ?? 0;
          compactedAt = gone - 1;
          yield* removing;
          expect(asked).toBe(2);
          compactedAt = gone;
          yield* removing;
          expect(asked).toBe(2);
        }),
      ),
  );

  it.effect("stays pending in the archive while that has not come to the word; nobody costs nothing", () =>
    inFolder(({ write }) =>
      Effect.gen(function* () {
        const tables = yield* Tables;
        const nobody = makeWorld();
        nobody.tombstones.clear();
        expect(yield* Effect.provide(removeForgotten, nobody.layer)).toBe(0);
        const world = makeWorld();
        const { name, schema } = rawEvents;
        const next = { appId: archiveAppId("scripted", 0), expected: undefined, next: 2n };
        yield* tables.append(name, schema, Stream.make(batchOf(schema, [did("ann", ["scripted", 0, 0n], noon)])), [
          next,
        ]);
        yield* write("rejected/odd.csv", "");
        yield* Effect.provide(removeForgotten, world.layer);
        expect((yield* tables.snapshot(name)).rows).toBe(0);
        expect(doneIn(world)).not.toContain("events");
        yield* tables.append(name, schema, Stream.make(batchOf(schema, [did("ann", ["scripted", 0, 1n], noon)])), [
          { ...next, expected: 2n, next: 3n },
        ]);
        yield* Effect.provide(removeForgotten, world.layer);
        expect((yield* tables.snapshot(name)).rows).toBe(0);
        expect(doneIn(world)).toContain("events");
      }),
    ),
  );
});
