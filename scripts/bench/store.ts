/**
 * Rates of the embedded stores: `node scripts/bench/run.mjs store --seconds 2 --users 300000 --rank 32`.
 *
 * Appends (lists, and single events from many fibers), fetches, loads of users, reads and writes of user states. Every
 * append and write is flushed to the disk before it counts. `--folder` chooses the disk.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Deferred, Effect, Layer, Queue, Stream } from "effect";
import * as EmbeddedLog from "../../layers/EventLog/Embedded.ts";
import { layerAt } from "../../layers/engines/lmdb/Store.ts";
import * as EmbeddedStates from "../../layers/UserStates/Embedded.ts";
import type { LoadedUsers } from "../../src/domain/LoadedUsers.ts";
import { emptyUserState } from "../../src/domain/UserState.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { UserStates } from "../../src/ports/UserStates.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "2" },
    users: { type: "string", default: "300000" },
    rank: { type: "string", default: "32" },
    folder: { type: "string", default: tmpdir() },
  },
});
const seconds = Number(values.seconds);
const users = Number(values.users);
const rank = Number(values.rank);
const folder = mkdtempSync(join(values.folder, "slipstream-bench-"));

const customer = (user: number): string => ((user + 1) * 2_654_435_761).toString(16).padStart(16, "0").repeat(4);
const draw = (n: number): number => Math.floor(Math.random() * n);

const event = (user: number): { readonly key: string; readonly value: Uint8Array } => ({
  key: customer(user),
  value: Buffer.from(
    JSON.stringify({
      event_id: "0b9b5f2e-3c1e-4c53-9a53-0d6f4a4f8f11",
      user_id: customer(user),
      item_id: "0108775015",
      event_type: "click",
      timestamp: 1_600_732_800.25,
      quantity: 1,
    }),
  ),
});

/** Runs `step` for `seconds` in `fibers` loops at once; each step answers how many it did. */
const rate = <E, R>(name: string, unit: string, fibers: number, step: Effect.Effect<number, E, R>) =>
  Effect.gen(function* () {
    const started = performance.now();
    let done = 0;
    let longest = 0;
    const loop = Effect.gen(function* () {
      while (performance.now() - started < seconds * 1000) {
        const before = performance.now();
        const did = yield* step;
        done += did;
        longest = Math.max(longest, performance.now() - before);
      }
    });
    yield* Effect.all(
      Array.from({ length: fibers }, () => loop),
      { concurrency: "unbounded" },
    );
    tell(name, unit, done, performance.now() - started, `slowest call ${longest.toFixed(0)} ms`);
    return done;
  });

const tell = (name: string, unit: string, done: number, milliseconds: number, note = ""): void =>
  console.log(
    `${name.padEnd(44)} ${Math.round((done * 1000) / milliseconds)
      .toLocaleString("en")
      .padStart(10)} ${unit}/s  ${note}`,
  );

const log = Effect.gen(function* () {
  const log = yield* EventLog;
  const thousand = Array.from({ length: 1000 }, (_, i) => event(i));
  const lists = yield* rate("append, lists of 1000, 4 fibers", "events", 4, Effect.as(log.append(thousand), 1000));
  yield* rate(
    "append, one event, 1 fiber",
    "events",
    1,
    Effect.suspend(() => Effect.as(log.append([event(draw(1000))]), 1)),
  );
  yield* rate(
    "append, one event, 256 fibers",
    "events",
    256,
    Effect.suspend(() => Effect.as(log.append([event(draw(1000))]), 1)),
  );
  const subscription = yield* log.subscribe("bench", () => 0n);
  const count = yield* log.partitions;
  const epochs = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const signal = yield* Queue.take(subscription.signals);
    epochs.set(signal.partition, signal.epoch);
  }
  const ends = yield* log.endOffsets;
  const started = performance.now();
  let fetched = 0;
  for (let partition = 0; partition < count && fetched < lists; partition++) {
    for (let from = 0n; from < ends[partition]! && performance.now() - started < seconds * 1000; ) {
      const records = yield* subscription.fetch(partition, epochs.get(partition)!, from, 500);
      fetched += records.length;
      from = records.at(-1)!.offset + 1n;
    }
  }
  tell("fetch, 500 at a time", "events", fetched, performance.now() - started);
  yield* Queue.take(subscription.signals).pipe(
    Effect.tap((signal) => (signal._tag === "Released" ? Deferred.succeed(signal.done, undefined) : Effect.void)),
    Effect.forever,
    Effect.forkDaemon,
  );
}).pipe(Effect.scoped);

const states = Effect.gen(function* () {
  const states = yield* UserStates;
  const vector = Float32Array.from({ length: rank }, () => Math.random() - 0.5);
  const load = (model: string, kept: number) =>
    Effect.gen(function* () {
      const batch = (first: number): LoadedUsers => {
        const rows = Math.min(10_000, users - first);
        const pointers = Uint32Array.from({ length: rows + 1 }, (_, row) => kept * row);
        const items = Int32Array.from({ length: kept * rows }, (_, i) => i % kept);
        return {
          first,
          ids: Array.from({ length: rows }, (_, i) => customer(first + i)),
          vectors: new Array<Float32Array>(rows).fill(vector),
          past: {
            history: { pointers, items, types: new Int32Array(items.length).fill(2), times: Float64Array.from(items) },
            hidden: { pointers: new Uint32Array(rows + 1), items: new Int32Array(0) },
            shown: { pointers: new Uint32Array(rows + 1), words: new Uint32Array(0) },
            bought: { pointers, items },
            recent: { pointers: new Uint32Array(rows + 1), packed: new Float64Array(0) },
          },
        };
      };
      const firsts = Array.from({ length: Math.ceil(users / 10_000) }, (_, i) => i * 10_000);
      const started = performance.now();
      yield* states.load(model, Stream.fromIterable(firsts).pipe(Stream.map(batch)));
      tell(`load, rank ${rank}, ${kept} interactions each`, "users", users, performance.now() - started);
    });
  yield* load("bare", 0);
  yield* load("kept", 20);

  const some = () => Array.from(new Set(Array.from({ length: 500 }, () => customer(draw(users)))));
  yield* rate(
    "read, 1 user",
    "users",
    1,
    Effect.suspend(() => Effect.as(states.read("kept", [customer(draw(users))]), 1)),
  );
  yield* rate(
    "read, 500 users",
    "users",
    1,
    Effect.suspend(() => Effect.map(states.read("kept", some()), (read) => read.length)),
  );
  let next = 0n;
  const update = (partition: number) =>
    Effect.gen(function* () {
      const ids = some();
      const read = yield* states.read("kept", ids);
      next += 1n;
      const offset = next;
      yield* states.write("kept", {
        slot: partition,
        next: offset,
        users: ids.map((userId, i) => {
          const state = read[i] ?? emptyUserState;
          return {
            userId,
            expected: state.next.get(partition),
            state: { ...state, next: new Map(state.next).set(partition, offset) },
          };
        }),
        trend: undefined,
      });
      return ids.length;
    });
  yield* rate("read and write, 500 users, 1 fiber", "users", 1, update(0));
  yield* rate(
    "read and write, 500 users, 8 fibers",
    "users",
    8,
    Effect.suspend(() => update(draw(8))),
  );
  const started = performance.now();
  yield* states.drop("kept");
  tell("drop", "users", users, performance.now() - started);
});

const live = Layer.mergeAll(EmbeddedLog.layer, EmbeddedStates.layer).pipe(Layer.provide(layerAt(folder)));
try {
  await Effect.runPromise(Effect.zipRight(log, states).pipe(Effect.provide(live)));
  console.log(`${folder}: ${(statSync(join(folder, "data.mdb")).size / 2 ** 20).toFixed(0)} MiB`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
