/**
 * Times what an event costs an updater: `npm run bench -- followers --events 400000`. Events of a shop's shoppers run through the
 * updater's plain loop; what it gathers of followers is then added up as the store's snapshot is. CPU microseconds per event.
 */
import { parseArgs } from "node:util";
import { Either } from "effect";
import type { Event } from "../../src/domain/Event.ts";
import { defaultEventTypes } from "../../src/domain/EventTypes.ts";
import { decodeSnapshot, encodeSnapshot, type FollowerEvents } from "../../src/domain/FollowerCounts.ts";
import type { UserState } from "../../src/domain/UserState.ts";
import { makeRandom } from "../../src/kernels/Random.ts";
import { makeEma } from "../../src/learning/Ema.ts";
import { addFollowed, makeFollowed } from "../../src/learning/Followed.ts";
import {
  countEvents,
  liveFollowersOf,
  makeLiveFollowers,
  pairsKept,
  snapshotOf,
} from "../../src/learning/LiveFollowers.ts";
import { type BatchContext, computeBatch, type Decoded } from "../../src/stream/ComputeBatch.ts";

const { values } = parseArgs({
  options: {
    rank: { type: "string", default: "32" },
    items: { type: "string", default: "105000" },
    events: { type: "string", default: "400000" },
    users: { type: "string", default: "20000" },
  },
});
const [rank, count, events, users] = [values.rank, values.items, values.events, values.users].map(Number) as [
  number,
  number,
  number,
  number,
];
const batchSize = 500;
const random = makeRandom(1, "followers");

/** A few items are popular, most are not. */
const pick = (): number => Math.min(count - 1, Math.floor(count ** random.uniform()) - 1);
const cpuMicroseconds = (): number => {
  const { system, user } = process.cpuUsage();
  return user + system;
};
/** Runs `work`; answers CPU microseconds per event. */
const timed = (per: number, work: () => void): number => {
  const begun = cpuMicroseconds();
  work();
  return (cpuMicroseconds() - begun) / per;
};
const shown = (what: string, each: number): void => console.log(`${what.padEnd(58)} ${each.toFixed(2)} µs per event`);

const rows = new Map(Array.from({ length: count }, (_, row) => [`item ${row}`, row]));
const items = {
  rank,
  vectors: Float32Array.from({ length: count * rank }, () => random.uniform() - 0.5),
  itemIdx: Uint32Array.from({ length: count }, (_, row) => row),
  rowOf: (id: string) => rows.get(id),
  rowOfIdx: (idx: number) => (idx < count ? idx : undefined),
};
const context: BatchContext = {
  model: "m",
  group: "updater-m",
  items,
  learner: makeEma(items, { rate: 0.2 }),
  types: defaultEventTypes,
  debounceSeconds: 300,
  halfLife: 86_400,
};
const start = 1_600_000_000;
const types = ["click", "click", "click", "add_to_cart", "purchase"];
const eventAt = (offset: number): Event => ({
  eventId: `event ${offset}`,
  userId: `user ${random.below(users)}`,
  itemId: `item ${pick()}`,
  eventType: types[random.below(types.length)]!,
  timestamp: start + offset,
  quantity: 1,
});
const decoded = Array.from({ length: events }, (_, offset): Decoded => {
  const event = Either.right(eventAt(offset));
  return { offset: BigInt(offset), appendedAt: start + offset, value: new Uint8Array(), event };
});

console.log(`rank ${rank}, ${count} items, ${users} users, ${events} events in batches of ${batchSize}`);
const states = new Map<string, UserState>();
const gathered: Array<FollowerEvents> = [];
const nobody = new Set<string>();
const place = { partition: 0, slot: 0, log: "bench", durable: 0n, start: () => 0n };
const pass = (batch: ReadonlyArray<Decoded>): void => {
  const { batch: written, followed } = computeBatch(place, batch, states, nobody, undefined, context);
  for (const { state, userId } of written.users) states.set(userId, state);
  gathered.push(followed);
};
const half = Math.floor(events / 2 / batchSize) * batchSize;
for (let at = 0; at < half; at += batchSize) pass(decoded.slice(at, at + batchSize));
shown(
  "the plain loop, moving average, trend and followers",
  timed(events - half, () => {
    for (let at = half; at < events; at += batchSize) pass(decoded.slice(at, at + batchSize));
  }),
);

const histories = [...states.values()].map(({ interactions }) => interactions).slice(0, 1000);
const repeats = 200;
shown(
  "of which gathering what an event followed",
  timed(repeats * histories.length, () => {
    for (let i = 0; i < repeats; i++) {
      const followed = makeFollowed();
      for (const history of histories) addFollowed(followed, 7, history, history.length);
    }
  }),
);

const words = gathered.reduce((sum, { length }) => sum + length, 0);
console.log(
  `${(words / events - 2).toFixed(1)} predecessors and ${((4 * words) / events).toFixed(0)} bytes of journal per event`,
);
const live = makeLiveFollowers();
shown(
  "adding them up, once",
  timed(events, () => {
    for (const batch of gathered) countEvents(live, batch);
  }),
);
console.log(`${live.pairs} of at most ${pairsKept} pairs, ${live.sources} sources, halved ${live.halvings} times`);

let snapshot = encodeSnapshot(snapshotOf(live));
const journalEvents = Math.round((snapshot.length / (4 * words)) * events);
const milliseconds = (work: () => void): string => (timed(1, work) / 1000).toFixed(1);
console.log(`a snapshot of ${(snapshot.length / 1024).toFixed(0)} KiB, written every ${journalEvents} events:`);
let read = decodeSnapshot(snapshot)!;
console.log(`  decoded in ${milliseconds(() => (read = decodeSnapshot(snapshot)!))} ms`);
let copy = live;
console.log(`  counts made of it in ${milliseconds(() => (copy = liveFollowersOf(read)))} ms`);
console.log(`  encoded in ${milliseconds(() => (snapshot = encodeSnapshot(snapshotOf(copy))))} ms`);
