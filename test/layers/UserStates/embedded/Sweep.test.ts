import { describe, expect, it } from "@effect/vitest";
import { Effect, Layer, Runtime, Stream } from "effect";
import * as fc from "fast-check";
import { Store } from "../../../../layers/engines/lmdb/Store.ts";
import { layer } from "../../../../layers/UserStates/Embedded.ts";
import { modelKey } from "../../../../layers/UserStates/embedded/Keys.ts";
import { type SweepLimits, sweepGeneration } from "../../../../layers/UserStates/embedded/Sweep.ts";
import { encodeEvent } from "../../../../src/domain/EventCodec.ts";
import { defaultEventTypes } from "../../../../src/domain/EventTypes.ts";
import { itemSetOf, noItems } from "../../../../src/domain/ItemSet.ts";
import { noEvents, packEvents } from "../../../../src/domain/RecentEvents.ts";
import { nothingShown } from "../../../../src/domain/ShownItems.ts";
import { emptyUserState, type UserState } from "../../../../src/domain/UserState.ts";
import { DeadLetters } from "../../../../src/ports/DeadLetters.ts";
import type { LogRecord } from "../../../../src/ports/EventLog.ts";
import { UserStates, type UserStatesService } from "../../../../src/ports/UserStates.ts";
import type { PartitionProcessor } from "../../../../src/stream/Processing.ts";
import { updater } from "../../../../src/stream/Updater.ts";
import { loadedUsers } from "../../../support/LoadedUsers.ts";
import { MemoryLetters } from "../../../support/MemoryStores.ts";
import { temporaryStore } from "../../engines/lmdb/temporary.ts";

const live = Layer.provideMerge(layer, temporaryStore);
const day = 86_400;
const base = 1_600_000_000;
const keepAll: SweepLimits = { age: 0, count: 0 };

let models = 0;
const newModel = (): string => `model-${++models}`;

const sweep = (model: string, limits: Partial<SweepLimits>) =>
  Effect.gen(function* () {
    const store = yield* Store;
    const generation = yield* store.read(() =>
      Buffer.from(store.tables.states.get(modelKey(model)) ?? []).readUInt32LE(0),
    );
    return yield* sweepGeneration(store, generation, { ...keepAll, ...limits });
  });

/** A user whose last event arrived on a day, counted from some day. */
const seenOn = (days: number, next = 1n, of: Partial<UserState> = {}): UserState => ({
  ...emptyUserState,
  vector: Float32Array.of(1),
  recent: packEvents([{ id: 1, arrival: base + days * day, time: base, itemIdx: 1, type: 0, counted: true }]),
  next: new Map([[0, next]]),
  ...of,
});

const put = (model: string, users: Readonly<Record<string, UserState>>, next = 100n) =>
  Effect.flatMap(UserStates, ({ write }) =>
    write(model, {
      slot: 0,
      next,
      users: Object.entries(users).map(([userId, state]) => ({ userId, expected: undefined, state })),
      trend: undefined,
    }),
  );

const known = (model: string, ...ids: ReadonlyArray<string>) =>
  Effect.map(
    Effect.flatMap(UserStates, ({ read }) => read(model, ids)),
    (states) => ids.filter((_, i) => states[i] !== undefined),
  );

describe("visitors of an embedded model", () => {
  it.scopedLive("are forgotten when they were not seen for long, unless they bought something", () =>
    Effect.gen(function* () {
      const model = newModel();
      const longId = "x".repeat(600);
      yield* put(model, {
        old: seenOn(0),
        [longId]: seenOn(0),
        buyer: seenOn(0, 1n, { bought: itemSetOf([7]) }),
        younger: seenOn(15),
        v1: seenOn(0, 1n, { recent: noEvents, interactions: [{ itemIdx: 1, type: 0, time: base }] }),
        v1younger: seenOn(0, 1n, { recent: noEvents, interactions: [{ itemIdx: 1, type: 0, time: base + 15 * day }] }),
        newest: seenOn(40),
      });
      expect(yield* sweep(model, {})).toBe(0);
      expect(yield* sweep(model, { age: 30 * day })).toBe(3);
      expect(yield* known(model, "old", longId, "buyer", "younger", "v1", "v1younger", "newest")).toEqual([
        "buyer",
        "younger",
        "v1younger",
        "newest",
      ]);
      expect(yield* sweep(model, { age: 30 * day })).toBe(0);
    }).pipe(Effect.provide(live)),
  );

  it.scopedLive("are forgotten beyond a number, those unseen for longest first, and nobody of the last day", () =>
    Effect.gen(function* () {
      const model = newModel();
      const users = Object.fromEntries(Array.from({ length: 1200 }, (_, i) => [`user-${i}`, seenOn(i / 10)]));
      yield* put(model, { ...users, buyer: seenOn(0, 1n, { bought: itemSetOf([7]) }) });
      expect(yield* sweep(model, { count: 1000 })).toBe(201);
      const left = yield* known(model, ...Object.keys(users), "buyer");
      expect(left).toEqual([...Array.from({ length: 999 }, (_, i) => `user-${i + 201}`), "buyer"]);
      expect(yield* sweep(model, { count: 1000 })).toBe(0);
      yield* sweep(model, { count: 1 });
      expect((yield* known(model, ...left)).length).toBe(12);

      const alike = newModel();
      yield* put(alike, {
        ...Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`same-${i}`, seenOn(0)])),
        now: seenOn(9),
      });
      expect(yield* sweep(alike, { count: 31 })).toBe(10);
    }).pipe(Effect.provide(live)),
  );

  it.scopedLive("are kept while the model catches up, and while an event of theirs may be on its way", () =>
    Effect.gen(function* () {
      const model = newModel();
      // The newest event of the slot arrived an hour after theirs, whatever the clock says.
      yield* put(model, { slow: seenOn(0), newest: seenOn(1 / 24) });
      expect(yield* sweep(model, { age: 1, count: 1 })).toBe(0);
      // In another slot time has gone on.
      yield* Effect.flatMap(UserStates, ({ write }) =>
        write(model, {
          slot: 1,
          next: 9n,
          users: [{ userId: "other", expected: undefined, state: seenOn(99, 1n, { next: new Map([[1, 9n]]) }) }],
          trend: undefined,
        }),
      );
      expect(yield* sweep(model, { age: 1, count: 1 })).toBe(0);

      const partly = newModel();
      yield* put(partly, { ahead: seenOn(0, 50n), below: seenOn(0, 5n), newest: seenOn(99) }, 20n);
      expect(yield* sweep(partly, { age: 30 * day })).toBe(1);
      expect(yield* known(partly, "ahead", "below")).toEqual(["ahead"]);
    }).pipe(Effect.provide(live)),
  );

  it.scopedLive("that the model was loaded with are then as they were loaded", () =>
    Effect.gen(function* () {
      const model = newModel();
      const states = yield* UserStates;
      const loaded = {
        userIdx: 0,
        userId: "ann",
        vector: Float32Array.of(3),
        interactions: [],
        bought: noItems,
        hidden: noItems,
        shown: nothingShown,
        recent: noEvents,
      };
      yield* states.load(model, Stream.make(loadedUsers([loaded])));
      yield* put(model, { ann: seenOn(0), newest: seenOn(99) });
      yield* sweep(model, { age: 30 * day });
      const [ann] = yield* states.read(model, ["ann"]);
      expect(ann).toEqual({ ...emptyUserState, vector: Float32Array.of(3) });
    }).pipe(Effect.provide(live)),
  );

  it.scopedLive("cannot be written anew by a batch that was applied before they were forgotten", () =>
    Effect.gen(function* () {
      const model = newModel();
      yield* put(model, { old: seenOn(0), newest: seenOn(99) }, 20n);
      yield* sweep(model, { age: 30 * day });
      expect(yield* put(model, { old: seenOn(0) }, 20n)).toEqual(["old"]);
      expect(yield* known(model, "old")).toEqual([]);
      expect(yield* put(model, { old: seenOn(100, 21n) }, 21n)).toEqual([]);
      expect(yield* known(model, "old")).toEqual(["old"]);
    }).pipe(Effect.provide(live)),
  );
});

type Step =
  | { readonly do: "apply"; readonly back: number; readonly many: number }
  | { readonly do: "sweep" | "restart" | "zombie" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("apply" as const),
      back: fc.nat({ max: 6 }),
      many: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("sweep" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("restart" as const, "zombie" as const) }) },
);

it.scopedLive(
  "each event is applied once, whatever is swept between deliveries, redeliveries and what a zombie writes",
  () =>
    Effect.gen(function* () {
      const states = yield* UserStates;
      const runtime = yield* Effect.runtime<Store>();
      const count = 30;
      // A visitor a day, so that nearly everybody is forgotten at each sweep.
      const records = Array.from({ length: count }, (_, i): LogRecord => {
        const time = base + i * day;
        const event = {
          eventId: `e${i}`,
          userId: `u${i}`,
          itemId: "a",
          eventType: "click",
          timestamp: time,
          quantity: 1,
        };
        return { offset: BigInt(i), appendedAt: time, value: encodeEvent(event) };
      });
      const play = (steps: ReadonlyArray<Step>) =>
        Effect.gen(function* () {
          const model = newModel();
          const written = new Map<string, number>();
          const counting: UserStatesService = {
            ...states,
            write: (id, batch) =>
              Effect.tap(states.write(id, batch), (conflicts) => {
                for (const { userId } of batch.users) {
                  if (!conflicts.includes(userId)) written.set(userId, (written.get(userId) ?? 0) + 1);
                }
              }),
          };
          const { open } = yield* updater({
            model,
            group: "updater",
            items: { rank: 1, itemIdx: Uint32Array.of(0), vectors: Float32Array.of(1), rowOf: () => 0 } as never,
            learner: { learn: () => Float32Array.of(1) },
            types: defaultEventTypes,
            debounceSeconds: 0,
            halfLife: 86_400,
            standing: Effect.succeed({ identity: "log", number: 0, start: () => 0n }),
          }).pipe(
            Effect.provideService(UserStates, counting),
            Effect.provideService(DeadLetters, new MemoryLetters().service),
          );
          let owner: PartitionProcessor<unknown> = yield* open(0);
          let zombie = owner;
          let applied = 0;
          const deliver = (processor: PartitionProcessor<unknown>, from: number, many: number) =>
            from >= count || many <= 0 ? Effect.succeed(0n) : processor.apply(records.slice(from, from + many));
          for (const one of steps) {
            if (one.do === "apply") {
              yield* deliver(owner, Math.max(0, applied - one.back), one.back + one.many);
              applied = Math.min(count, applied + one.many);
            } else if (one.do === "sweep") {
              if (applied > 0) yield* sweep(model, { age: day, count: 1 });
            } else if (one.do === "restart") {
              zombie = owner;
              owner = yield* open(0);
            } else {
              // From where it had got to, which the owner has passed meanwhile.
              yield* Effect.ignore(
                zombie.flush.pipe(
                  Effect.flatMap((from) => deliver(zombie, Number(from), Math.max(0, applied - Number(from)))),
                ),
              );
            }
          }
          yield* deliver(owner, applied, count);
          expect([...written].filter(([, times]) => times !== 1)).toEqual([]);
          expect(written.size).toBe(count);
          yield* states.drop(model);
        });
      yield* Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(fc.array(step, { maxLength: 25 }), (steps) =>
            Runtime.runPromise(runtime)(play(steps) as never),
          ),
          { numRuns: 60, endOnFailure: true },
        ),
      );
    }).pipe(Effect.provide(live)),
  120_000,
);
