import { expect, it } from "@effect/vitest";
import { Effect, Layer } from "effect";
import { modelDetails, modelTable } from "../../src/models/List.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { ModelRegistry } from "../../src/ports/ModelRegistry.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { Faults, MemoryStates } from "../support/MemoryStores.ts";
import { MemoryRegistry, modelOf } from "../support/Models.ts";
import { ScriptedLog } from "../support/ScriptedLog.ts";

/** A log of three events, of which models have applied the first. */
const stores = () => {
  const log = new ScriptedLog(1);
  for (let i = 0; i < 3; i++) log.append(0, new Uint8Array(1));
  const states = new MemoryStates(new Faults());
  states.positions.set(0, 1n);
  states.logs = [{ identity: log.identity, partitions: 1 }];
  return Layer.merge(Layer.succeed(EventLog, log.service), Layer.succeed(UserStates, states.service));
};

const on = (registry: MemoryRegistry) => Layer.succeed(ModelRegistry, registry.service);

it.effect("lists the models in columns, marks the one that serves, and how far live ones are behind", () =>
  Effect.gen(function* () {
    const registry = new MemoryRegistry(
      [
        modelOf("20260101T000000-00aa", { status: "retired", metrics: { loss: [9, 1234.5678] } }),
        modelOf("20260102T000000-00bb", { status: "live", users: 5, items: 12_345, metrics: { loss: 0.25 } }),
        modelOf("20260103T000000-00cc", { metrics: { loss: [] } }),
      ],
      "20260102T000000-00bb",
    );
    expect((yield* Effect.provide(modelTable, Layer.merge(on(registry), stores()))).split("\n")).toEqual([
      "   id                    status   rank  users  items  loss     behind by",
      "   20260101T000000-00aa  retired  8     1000   1000   1234.6",
      "*  20260102T000000-00bb  live     8     5      12345  0.25000  2 events",
      "   20260103T000000-00cc  trained  8     1000   1000",
    ]);
  }),
);

it.effect("says what to do where there is none", () =>
  Effect.gen(function* () {
    const listed = yield* Effect.provide(modelTable, Layer.merge(on(new MemoryRegistry([])), stores()));
    expect(listed).toBe("no model yet; `batch` makes one");
  }),
);

it.effect("prints all that is known of a model, found by the start of its id", () =>
  Effect.gen(function* () {
    const [first, second] = [modelOf("a-1"), modelOf("b-2", { metrics: { loss: [3, 2] } })];
    const registry = on(new MemoryRegistry([first, second]));
    expect(JSON.parse(yield* Effect.provide(modelDetails("b"), registry))).toEqual(second);
    const error = yield* Effect.flip(Effect.provide(modelDetails("c"), registry));
    expect(error).toMatchObject({ _tag: "ModelError", reason: "NotFound" });
  }),
);
