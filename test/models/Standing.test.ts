import { expect, it } from "@effect/vitest";
import { Effect, Logger } from "effect";
import { slotOf } from "../../src/domain/AppliedLogs.ts";
import { type Model, offsetKey } from "../../src/domain/Model.ts";
import { modelTable } from "../../src/models/List.ts";
import { positionsOf, stand } from "../../src/models/Standing.ts";
import { lagOf, tellUse } from "../../src/models/Use.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { ModelRegistry } from "../../src/ports/ModelRegistry.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { Faults, MemoryStates } from "../support/MemoryStores.ts";
import { MemoryRegistry, modelOf as newModel } from "../support/Models.ts";
import { ScriptedLog } from "../support/ScriptedLog.ts";

const createdAt = "2026-11-01T00:00:00.000Z";
const trained = Date.parse(createdAt) / 1000;

const modelOf = (offsets: Model["snapshot"]["offsets"]): Model =>
  newModel("m", { createdAt, snapshot: { tables: {}, offsets }, status: "live" });

/** A log of two partitions of five events, the first two of which stood in it when the model was trained. */
const setting = (identity = "here") => {
  const log = new ScriptedLog(2, identity);
  for (const partition of [0, 1]) {
    for (let i = 0; i < 5; i++) log.append(partition, new Uint8Array(1), trained + (i < 2 ? -600 : 600));
  }
  const states = new MemoryStates(new Faults());
  const warnings: Array<string> = [];
  const logger = Logger.make(({ message }) => void warnings.push(String(message)));
  const within = <A, E>(effect: Effect.Effect<A, E, EventLog | UserStates>) =>
    effect.pipe(
      Effect.provideService(EventLog, log.service),
      Effect.provideService(UserStates, states.service),
      Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
    );
  return { log, states, warnings, within };
};

const of = (identity: string, ...next: ReadonlyArray<number>) =>
  Object.fromEntries(next.map((offset, partition) => [offsetKey(identity, partition), String(offset)]));

it.effect("begins where the training data ends, by the log's own offsets alone", () =>
  Effect.gen(function* () {
    const cases: ReadonlyArray<readonly [Model["snapshot"]["offsets"], ReadonlyArray<bigint>]> = [
      [{}, [0n, 0n]],
      [of("here", 3, 4), [3n, 4n]],
      [of("there", 3, 4), [0n, 0n]],
      [{ ...of("there", 3, 4), ...of("here", 1), ...of("", 2, 2) }, [1n, 0n]],
      // Of version 0.1: this log had those events when the model was trained.
      [of("", 2, 1), [2n, 1n]],
      // It got them later, or has fewer.
      [of("", 2, 4), [0n, 0n]],
      [of("", 2, 6), [0n, 0n]],
    ];
    for (const [offsets, wanted] of cases) {
      const { states, warnings, within } = setting();
      const model = modelOf(offsets);
      expect(yield* within(Effect.flatten(positionsOf(model)))).toEqual(wanted);
      const { number, start } = yield* within(stand(model));
      expect([number, start(0), start(1)]).toEqual([0, ...wanted]);
      expect(states.logs).toEqual([{ identity: "here", partitions: 2 }]);
      expect(warnings).toEqual([]);
    }
  }),
);

it.effect("goes on where it stood in this log, and begins in another, which it says once", () =>
  Effect.gen(function* () {
    const { states, warnings, within } = setting();
    const model = modelOf({});
    yield* within(stand(model));
    states.positions.set(0, 5n);
    states.positions.set(1, 2n);
    expect(yield* within(Effect.flatten(positionsOf(model)))).toEqual([5n, 2n]);
    expect(yield* within(lagOf(model))).toBe(3n);

    const other = new ScriptedLog(2, "there");
    other.append(0, new Uint8Array(1));
    const there = <A, E>(effect: Effect.Effect<A, E, EventLog | UserStates>) =>
      within(Effect.provideService(effect, EventLog, other.service));
    expect(yield* there(lagOf(model))).toBe(1n);
    expect((yield* there(stand(model))).number).toBe(1);
    expect((yield* there(stand(model))).number).toBe(1);
    states.positions.set(slotOf(1, 0), 1n);
    expect(yield* there(lagOf(model))).toBe(0n);
    expect(warnings).toEqual(["model m starts with event log there: what it has applied so far is of another log"]);

    expect((yield* within(stand(model))).number).toBe(0);
    expect(yield* within(Effect.flatten(positionsOf(model)))).toEqual([5n, 2n]);
    expect(warnings).toHaveLength(1);
  }),
);

it.effect("takes the positions of version 0.1 for its own where its group has read this log, else begins anew", () =>
  Effect.gen(function* () {
    for (const [committed, position, wanted] of [
      [true, 4n, [4n, 0n]],
      [false, 4n, [0n, 0n]],
      // Beyond the end: of a log that is gone.
      [true, 6n, [0n, 0n]],
    ] as const) {
      const { log, states, warnings, within } = setting();
      states.logs = undefined;
      states.positions.set(0, position);
      if (committed) log.positions.set(0, position);
      const model = modelOf({});
      expect(yield* within(Effect.flatten(positionsOf(model)))).toEqual(wanted);
      const { number } = yield* within(stand(model));
      expect(number).toBe(wanted[0] === 0n ? 1 : 0);
      expect(warnings).toHaveLength(number);
      expect(yield* within(Effect.flatten(positionsOf(model)))).toEqual(wanted);
    }
  }),
);

it.effect("takes a position beyond the end of the log for damage", () =>
  Effect.gen(function* () {
    const { states, within } = setting();
    const model = modelOf({});
    yield* within(stand(model));
    states.positions.set(1, 6n);
    const listed = within(Effect.provideService(modelTable, ModelRegistry, new MemoryRegistry([model]).service));
    expect(yield* listed).toMatch(/^ +m +live .* beyond the log's end$/m);
    const error = yield* Effect.flip(within(lagOf(model)));
    expect(error).toMatchObject({ _tag: "EventLogError", reason: "Corrupt" });
    expect(error.message).toContain("partition 1 up to offset 6, but the event log ends at 5");
  }),
);

it.effect("tells how a loaded model comes to serve, until it does", () =>
  Effect.gen(function* () {
    const model = modelOf({});
    const told: Array<string> = [];
    const logger = Logger.make(({ message }) => void told.push(String(message)));
    for (const serving of [undefined, "other", model.id]) {
      yield* tellUse(model).pipe(
        Effect.provideService(ModelRegistry, new MemoryRegistry([model], serving).service),
        Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
      );
    }
    const hint = "model m does not serve: `models use m` switches to it";
    expect(told).toEqual([hint, hint]);
  }),
);
