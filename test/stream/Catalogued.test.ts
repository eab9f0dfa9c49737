/** What updaters do with items that the shop's catalogue knows and the model does not. */
import { expect, it } from "@effect/vitest";
import { Effect, Layer, Logger } from "effect";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { defaultEventTypes } from "../../src/domain/EventTypes.ts";
import type { LearningItems } from "../../src/learning/ApplyEvent.ts";
import { makeEma } from "../../src/learning/Ema.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { updater } from "../../src/stream/Updater.ts";
import { makeMemoryCatalogue } from "../support/MemoryCatalogue.ts";
import { Faults, MemoryLetters, MemoryStates } from "../support/MemoryStores.ts";
import { ScriptedLog } from "../support/ScriptedLog.ts";

const items: LearningItems = {
  rank: 2,
  itemIdx: Uint32Array.of(0, 1),
  vectors: Float32Array.of(1, 0, 0, 1),
  rowOf: (id) => ({ a: 0, b: 1 })[id],
  rowOfIdx: (idx) => (idx < 2 ? idx : undefined),
};

const setting = Effect.gen(function* () {
  const catalogue = yield* makeMemoryCatalogue;
  const [faults, letters, log] = [new Faults(), new MemoryLetters(), new ScriptedLog(1)];
  const states = new MemoryStates(faults);
  const asked: Array<ReadonlyArray<string>> = [];
  const told: Array<string> = [];
  const { open } = yield* updater({
    model: "m",
    group: "updater-m",
    halfLife: 86_400,
    items,
    learner: makeEma(items, { rate: 0.2 }),
    types: defaultEventTypes,
    debounceSeconds: 0,
    find: (itemIds) => {
      asked.push(itemIds);
      return catalogue.service.find(itemIds);
    },
    standing: Effect.succeed({ identity: log.identity, number: 0, start: () => 0n }),
  }).pipe(
    Effect.provide(Layer.merge(Layer.succeed(UserStates, states.service), Layer.succeed(DeadLetters, letters.service))),
  );
  const processor = yield* open(0);
  let events = 0;
  /** One batch of one shopper's purchases. */
  const buy = (...ids: ReadonlyArray<string>) => {
    const from = log.records[0]!.length;
    for (const itemId of ids) {
      const n = events++;
      const event = {
        eventId: `${n}`,
        userId: "u",
        itemId,
        eventType: "purchase",
        timestamp: 1e9 + 1000 * n,
        quantity: 1,
      };
      log.append(0, encodeEvent(event));
    }
    return processor.apply(log.records[0]!.slice(from)).pipe(
      Effect.provide(
        Logger.replace(
          Logger.defaultLogger,
          Logger.make(({ message }) => told.push(String(message))),
        ),
      ),
    );
  };
  return { asked, buy, catalogue, faults, letters, states, told };
});

it.scoped("they count at once, everywhere, and what nobody knows is given up", () =>
  Effect.gen(function* () {
    const { buy, catalogue, letters, states } = yield* setting;
    yield* catalogue.service.allot(["a", "b", "c"]);
    yield* buy("a", "c", "d", "c", "b");
    yield* catalogue.service.change([{ kind: "replace", itemId: "d", fields: {} }]);
    yield* buy("d");
    const state = states.users.get("u")!;
    expect(state.interactions.map(({ itemIdx }) => itemIdx)).toEqual([0, 2, 2, 1, 3]);
    expect(state.bought).toEqual(Uint32Array.of(0, 1, 2, 3));
    expect(state.vector).toEqual(Float32Array.of(0.8, 0.2));
    expect([...states.trends.get(0)!.scores.keys()].sort()).toEqual([0, 1, 2, 3]);
    expect(states.followers.get(0)!.events).toHaveLength(2);
    const given = [...letters.letters.values()];
    expect(given.map(({ offset, reason }) => [offset, reason])).toEqual([[2n, "unknown_item"]]);
    expect(given[0]!.detail).toContain('item_id "d" is neither in the model nor in the catalogue');
  }),
);

it.scoped("the catalogue is asked once per batch, and not again for what it has told", () =>
  Effect.gen(function* () {
    const { asked, buy, catalogue } = yield* setting;
    yield* catalogue.service.allot(["a", "b", "c"]);
    yield* buy("a", "b");
    yield* buy("a", "c", "d", "c");
    yield* buy("c", "d", "e");
    yield* buy("c");
    expect(asked).toEqual([
      ["c", "d"],
      ["d", "e"],
    ]);
  }),
);

it.scoped("a catalogue that is away is waited for: nothing is given up, and nothing counts twice", () =>
  Effect.gen(function* () {
    const { buy, catalogue, letters, states, faults } = yield* setting;
    yield* catalogue.service.allot(["a", "b", "c"]);
    yield* catalogue.setAway(true);
    expect((yield* Effect.flip(buy("a", "c")))._tag).toBe("CatalogueError");
    expect(states.users.size + letters.letters.size).toBe(0);
    yield* catalogue.setAway(false);
    faults.plan("after");
    expect((yield* Effect.flip(buy("c")))._tag).toBe("UserStatesError");
    expect(states.users.get("u")!.interactions.map(({ itemIdx }) => itemIdx)).toEqual([2]);
  }),
);

it.scoped("an index that is another item's in the model is not used, and that is told once", () =>
  Effect.gen(function* () {
    const { buy, catalogue, states, told } = yield* setting;
    yield* catalogue.service.allot(["c", "d", "e"]);
    yield* buy("c", "d", "e");
    yield* buy("c");
    expect(states.users.get("u")!.interactions.map(({ itemIdx }) => itemIdx)).toEqual([2]);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('item "c" has index 0 in the catalogue, which is another item\'s in the model');
  }),
);
