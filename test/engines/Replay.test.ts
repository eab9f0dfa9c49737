/** `dead-letters replay` is killed again and again; in the end each event stands in the log once more, and once only. */
import { afterAll, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Either, Option } from "effect";
import * as Embedded from "../../layers/Embedded.ts";
import type { ReplayOf } from "../../src/domain/Event.ts";
import { decodeEvent, encodeEvent } from "../../src/domain/EventCodec.ts";
import { makeRandom } from "../../src/kernels/Random.ts";
import { updaterGroup } from "../../src/models/Standing.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { ModelRegistry } from "../../src/ports/ModelRegistry.ts";
import { run, smallShop, start, temporaryFolder } from "../e2e/process.ts";

const letters = 20_000;
const kills = 8;
const folder = temporaryFolder();
afterAll(folder.remove);

const settings = { DATA_DIR: folder.path, PARTITIONS: "2", LOG_FORMAT: "logfmt" };

/** In this process, on the stores of the folder. */
const on = <A, E>(program: Effect.Effect<A, E, EventLog | DeadLetters | ModelRegistry>) =>
  program.pipe(
    Effect.provide(Embedded.stores),
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(settings)))),
    Effect.runPromise,
  );

/** Events of items that the model lacks, and what its updater would say of them. */
const giveUp = Effect.gen(function* () {
  const log = yield* EventLog;
  const { serving } = yield* Effect.flatMap(ModelRegistry, ({ state }) => state);
  const consumer = updaterGroup(Option.getOrThrow(serving));
  const records = Array.from({ length: letters }, (_, i) => {
    const [eventId, userId, itemId] = [`event-${i}`, `user-${i}`, "no such item"];
    const event = { eventId, userId, itemId, eventType: "click", timestamp: 1_600_000_000 + i, quantity: 1 };
    return { key: userId, value: encodeEvent(event) };
  });
  const positions = yield* log.append(records);
  const identity = yield* log.identity;
  const dead = yield* DeadLetters;
  yield* dead.append(
    positions.map((position, i) => ({
      ...position,
      log: identity,
      consumer,
      reason: "unknown_item" as const,
      detail: "not in the model",
      appendedAt: 1_600_000_000,
      value: records[i].value,
    })),
  );
});

/** Of every event that was appended again. */
const replays = Effect.gen(function* () {
  const log = yield* EventLog;
  const found: Array<ReplayOf> = [];
  for (const [partition, end] of (yield* log.endOffsets).entries()) {
    for (const { value } of yield* log.read(partition, 0n, Number(end))) {
      const event = decodeEvent(value, "");
      if (Either.isRight(event) && event.right.replayOf !== undefined) found.push(event.right.replayOf);
    }
  }
  return found;
});

it("killed at any moment, a replay neither loses an event nor appends one twice", { timeout: 240_000 }, async () => {
  expect((await run(["generate"], { ...settings, ...smallShop })).code).toBe(0);
  expect((await run(["batch"], settings)).code).toBe(0);
  await on(giveUp);
  const random = makeRandom(3, "kills");
  const cut = await on(
    Effect.flatMap(EventLog, ({ endOffsets }) =>
      Effect.gen(function* () {
        const length = Effect.map(endOffsets, (ends) => Number(ends.reduce((sum, end) => sum + end, 0n)));
        let cut = 0;
        for (let kill = 0; kill < kills; kill++) {
          const before = yield* length;
          const process = start(["dead-letters", "replay", "--all"], settings);
          // Some moment after it has begun to append.
          while ((yield* length) === before && process.child.exitCode === null) yield* Effect.sleep("2 millis");
          yield* Effect.sleep(random.below(60));
          process.child.kill("SIGKILL");
          const { signal } = yield* Effect.promise(() => process.exit);
          if (signal === "SIGKILL") cut++;
        }
        return cut;
      }),
    ),
  );
  expect(cut).toBeGreaterThan(2);
  const last = await run(["dead-letters", "replay", "--all"], settings);
  expect(last.code, last.stderr).toBe(0);
  const found = await on(replays);
  expect(new Set(found.map(({ offset, partition }) => `${partition} ${offset}`)).size).toBe(letters);
  expect(found).toHaveLength(letters);
  expect((await run(["dead-letters", "replay", "--all"], settings)).stdout).toContain("nothing to replay");
});
