import { describe, expect, it } from "@effect/vitest";
import { Effect, Fiber, Layer, Logger, Option, TestClock } from "effect";
import { encodeForget } from "../../src/domain/Forget.ts";
import { saltedHash, type Tombstone } from "../../src/domain/Forgotten.ts";
import { useModel } from "../../src/models/Use.ts";
import { Catalogue } from "../../src/ports/Catalogue.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { ItemIndex, ItemIndexError, type ItemIndexService } from "../../src/ports/ItemIndex.ts";
import { ModelRegistry } from "../../src/ports/ModelRegistry.ts";
import { Progress } from "../../src/ports/Progress.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { memoryForgotten, salt } from "../support/MemoryForgotten.ts";
import { Faults, MemoryLetters, MemoryStates } from "../support/MemoryStores.ts";
import { MemoryRegistry, modelOf } from "../support/Models.ts";
import { ScriptedLog } from "../support/ScriptedLog.ts";

const unavailable = new ItemIndexError({ reason: "Unavailable", message: "it is away" });

/** `events` in the log; other processes follow the model, this one waits for its items. */
const setting = (registry: MemoryRegistry, events = 0, index: Partial<ItemIndexService> = {}) => {
  const log = new ScriptedLog(1);
  for (let i = 0; i < events; i++) log.append(0, new Uint8Array(1));
  const states = new MemoryStates(new Faults());
  states.logs = [{ identity: log.identity, partitions: log.partitions }];
  const served: Array<string> = [];
  const told: Array<string> = [];
  const logger = Logger.make(({ logLevel, message }) => void told.push(`${logLevel.label} ${String(message)}`));
  const layer = Layer.mergeAll(
    Layer.succeed(EventLog, log.service),
    memoryForgotten(),
    Layer.succeed(UserStates, states.service),
    Layer.mock(Catalogue, {}),
    Layer.succeed(DeadLetters, new MemoryLetters().service),
    Layer.succeed(ModelRegistry, registry.service),
    Layer.mock(ItemIndex, {
      items: () => Effect.never,
      serve: (model) => Effect.sync(() => void served.push(model)),
      ...index,
    }),
    Progress.layerSilent,
    Logger.replace(Logger.defaultLogger, logger),
  );
  return { layer, log, served, states, told };
};

describe("use", () => {
  it.effect("switches to a model that is up to date, and the one that served stays live, to switch back to", () =>
    Effect.gen(function* () {
      const registry = new MemoryRegistry(
        [modelOf("a", { status: "live" }), modelOf("b", { status: "live" }), modelOf("c", { status: "retired" })],
        "b",
      );
      const { layer, served, told } = setting(registry);
      expect((yield* Effect.provide(useModel("c"), layer)).id).toBe("c");
      expect(registry.statuses).toEqual({ a: "retired", b: "live", c: "live" });
      expect(registry.state.serving).toEqual(Option.some("c"));
      expect(served).toEqual(["c"]);
      expect(told).toEqual(["INFO model c serves; `models use b` switches back"]);

      yield* Effect.provide(useModel("c"), layer);
      expect(told.at(-1)).toBe("INFO model c serves already");
      yield* Effect.provide(useModel("b"), layer);
      expect(registry.statuses).toEqual({ a: "retired", b: "live", c: "live" });
    }),
  );

  it.effect("waits until the model has applied all that was in the log, without which the other serves on", () =>
    Effect.gen(function* () {
      const registry = new MemoryRegistry([modelOf("a", { status: "live" }), modelOf("b", { status: "retired" })], "a");
      const { layer, states } = setting(registry, 3);
      const using = yield* Effect.fork(Effect.provide(useModel("b"), layer));
      for (const position of [0n, 2n]) {
        states.positions.set(0, position);
        yield* TestClock.adjust("100 millis");
        expect(registry.statuses.b).toBe("live");
        expect(registry.state.serving).toEqual(Option.some("a"));
      }
      states.positions.set(0, 3n);
      yield* TestClock.adjust("100 millis");
      yield* Fiber.join(using);
      expect(registry.state.serving).toEqual(Option.some("b"));
    }),
  );

  it.effect("removes what the replay left of whoever was forgotten since the snapshot, before it serves", () =>
    Effect.gen(function* () {
      const snapshot = { tables: {}, offsets: { "scripted/0": "2" } };
      const registry = new MemoryRegistry(
        [modelOf("a", { status: "live" }), modelOf("b", { snapshot, status: "live" })],
        "a",
      );
      const { layer, log, states } = setting(registry);
      const words = ["early", "ann", "bob"].map((userId) => encodeForget({ eventId: userId, userId, timestamp: 1 }));
      for (const word of words) {
        log.append(0, new Uint8Array(1));
        log.append(0, word);
      }
      const tombstones = new Map<string, Tombstone>();
      for (const [at, userId] of ["early", "ann", "gone"].entries()) {
        const hash = saltedHash(salt, userId);
        const place = { log: log.identity, partition: 0, offset: BigInt(2 * at + 1) };
        tombstones.set(hash, { hash, forgottenAt: 1, done: { states: 1 }, place });
      }
      states.positions.set(0, 6n);
      const forgotten: Array<string> = [];
      const service = Layer.succeed(UserStates, {
        ...states.service,
        forget: (model, userId, { next, slot }) =>
          Effect.sync(() => {
            forgotten.push(
              `${model} ${userId} ${slot} ${next}, while ${Option.getOrThrow(registry.state.serving)} serves`,
            );
          }),
      });
      yield* Effect.provide(useModel("b"), Layer.mergeAll(layer, memoryForgotten(tombstones), service));
      // The model was made of data without the first; the last word is not the tombstone's.
      expect(forgotten).toEqual(["b ann 0 4, while a serves"]);
      expect(registry.state.serving).toEqual(Option.some("b"));
    }),
  );

  it.effect("fails where this process cannot follow the model, and the other serves on", () =>
    Effect.gen(function* () {
      const registry = new MemoryRegistry([modelOf("a", { status: "live" }), modelOf("b", { status: "live" })], "a");
      const { layer } = setting(registry, 1, { items: () => unavailable });
      expect(yield* Effect.flip(Effect.provide(useModel("b"), layer))).toBe(unavailable);
      expect(registry.state.serving).toEqual(Option.some("a"));
    }),
  );

  it.effect("switches also where the index cannot tell its own readers, and warns of it", () =>
    Effect.gen(function* () {
      const registry = new MemoryRegistry([modelOf("a", { status: "live" })]);
      const { layer, told } = setting(registry, 0, { serve: () => unavailable });
      yield* Effect.provide(useModel("a"), layer);
      expect(registry.state.serving).toEqual(Option.some("a"));
      expect(told).toEqual([
        "WARN readers of the item index from outside still see the last model: it is away",
        "INFO model a serves",
      ]);
    }),
  );

  it.effect("refuses a model that is not loaded, or unknown, and changes nothing", () =>
    Effect.gen(function* () {
      const registry = new MemoryRegistry([modelOf("a")]);
      const before = registry.state;
      const { layer } = setting(registry);
      const failure = (id: string) => Effect.flip(Effect.provide(useModel(id), layer));
      expect(yield* failure("a")).toMatchObject({
        reason: "NotLoaded",
        message: "model a is trained but not loaded; run `batch load --model a`",
      });
      expect(yield* failure("b")).toMatchObject({ reason: "NotFound" });
      expect(registry.state).toBe(before);
    }),
  );
});
