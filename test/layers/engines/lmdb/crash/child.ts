/**
 * A process that appends numbered events and applies them to user states until it is killed: `node child.js FOLDER ROUND`.
 *
 * It prints `appended PARTITION OFFSET VALUE` once an append has returned, `epoch N` per assignment, and `applied
 * PARTITION NEXT` once states are written. A state's recent events are those that it has seen, in order.
 */
import { Deferred, Effect, Layer, Queue } from "effect";
import * as EmbeddedLog from "../../../../../layers/EventLog/Embedded.ts";
import { layerAt } from "../../../../../layers/engines/lmdb/Store.ts";
import * as EmbeddedStates from "../../../../../layers/UserStates/Embedded.ts";
import { eventKey, packEvents, type RecentEvent } from "../../../../../src/domain/RecentEvents.ts";
import { emptyUserState } from "../../../../../src/domain/UserState.ts";
import { EventLog, type LogRecord } from "../../../../../src/ports/EventLog.ts";
import { UserStates } from "../../../../../src/ports/UserStates.ts";

const [folder, round] = process.argv.slice(2) as [string, string];

const tell = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const appending = (writer: number) =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    for (let i = 0; ; i += 3) {
      const names = [0, 1, 2].map((j) => `user-${writer}/${round}.${i + j}`);
      const positions = yield* log.append(names.map((value) => ({ key: `user-${writer}`, value: Buffer.from(value) })));
      for (const [j, { partition, offset }] of positions.entries()) tell(`appended ${partition} ${offset} ${names[j]}`);
    }
  });

const apply = (partition: number, records: ReadonlyArray<LogRecord>) =>
  Effect.gen(function* () {
    const states = yield* UserStates;
    const names = records.map((record) => Buffer.from(record.value).toString());
    const ids = [...new Set(names.map((name) => name.split("/")[0]!))];
    const read = yield* states.read("crash", ids);
    const users = ids.map((userId, i) => {
      const before = read[i] ?? emptyUserState;
      const expected = before.next.get(partition);
      const news = records.filter(
        (record, at) => names[at]!.startsWith(`${userId}/`) && record.offset >= (expected ?? 0n),
      );
      const seen = news.map(({ appendedAt, value }): RecentEvent => {
        const id = eventKey(Buffer.from(value).toString());
        return { id, arrival: appendedAt, time: appendedAt, itemIdx: 0, type: 0, counted: true };
      });
      const last = news.at(-1);
      const next = last === undefined ? before.next : new Map(before.next).set(partition, last.offset + 1n);
      return {
        userId,
        expected,
        state: { ...before, recent: Float64Array.of(...before.recent, ...packEvents(seen)), next },
      };
    });
    const next = records.at(-1)!.offset + 1n;
    const conflicts = yield* states.write("crash", { slot: partition, next, users, trend: undefined });
    if (conflicts.length > 0) return yield* Effect.dieMessage(`conflicts: ${conflicts}`);
    tell(`applied ${partition} ${next}`);
    return next;
  });

const consuming = Effect.gen(function* () {
  const log = yield* EventLog;
  const states = yield* UserStates;
  const subscription = yield* log.subscribe("crash", () => 0n);
  while (true) {
    const signal = yield* Queue.take(subscription.signals);
    if (signal._tag === "Released") {
      yield* Deferred.succeed(signal.done, undefined);
      continue;
    }
    const { partition, epoch } = signal;
    tell(`epoch ${epoch}`);
    // From the group's position, which may lie behind the states': what is behind is delivered again.
    yield* Effect.gen(function* () {
      let from = yield* subscription.position(partition);
      if ((yield* states.position("crash", partition)) === undefined && from !== 0n) {
        return yield* Effect.dieMessage("the group's position is ahead of the states");
      }
      while (true) {
        const records = yield* subscription.fetch(partition, epoch, from, 20);
        from = yield* apply(partition, records);
        if (from % 3n === 0n) yield* subscription.commit(partition, epoch, from);
      }
    }).pipe(Effect.forkScoped);
  }
});

const live = Layer.mergeAll(EmbeddedLog.layer, EmbeddedStates.layer).pipe(Layer.provide(layerAt(folder)));
await Effect.runPromise(
  Effect.all([consuming, appending(0), appending(1), appending(2), appending(3)], { concurrency: "unbounded" }).pipe(
    Effect.scoped,
    Effect.provide(live),
  ),
);
