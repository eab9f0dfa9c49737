/**
 * Times online learning: `npm run bench -- learning --rank 32 --seconds 1`. Prints events per second of CPU time, from a
 * user's state and a decoded event to the next state, each event by another user; then the same of impressions, and what a
 * state takes that was shown so much.
 */
import { parseArgs } from "node:util";
import type { Event } from "../../src/domain/Event.ts";
import { defaultEventTypes, eventTypesOf } from "../../src/domain/EventTypes.ts";
import { recentSize } from "../../src/domain/RecentEvents.ts";
import { nothingShown, type ShownItems, withShown } from "../../src/domain/ShownItems.ts";
import { emptyUserState, type UserState } from "../../src/domain/UserState.ts";
import { encodeUserState } from "../../src/domain/UserStateCodec.ts";
import { applyEvent, closeUser, type LearningItems, openUser } from "../../src/learning/ApplyEvent.ts";
import { makeEma } from "../../src/learning/Ema.ts";
import { makeFoldIn } from "../../src/learning/FoldIn.ts";

const { values } = parseArgs({
  options: {
    rank: { type: "string", default: "32" },
    items: { type: "string", default: "20000" },
    seconds: { type: "string", default: "1" },
  },
});
const [rank, count, seconds] = [Number(values.rank), Number(values.items), Number(values.seconds)];
const types = ["click", "click", "click", "add_to_cart", "purchase"];
const start = 1_600_000_000;
const cpuMilliseconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const pick = (below: number): number => Math.floor(Math.random() * below);

const rows = new Map(Array.from({ length: count }, (_, row) => [`item ${row}`, row]));
const items: LearningItems = {
  rank,
  vectors: Float32Array.from({ length: count * rank }, () => Math.random() - 0.5),
  itemIdx: Uint32Array.from({ length: count }, (_, row) => row),
  rowOf: (id) => rows.get(id),
  rowOfIdx: (idx) => (idx < count ? idx : undefined),
};
const learners = {
  ema: makeEma(items, { rate: 0.2 }),
  "fold-in": makeFoldIn(items, { decay: 0.8, regularization: 0.01, alpha: 1 }),
};

const eventAt = (time: number): Event => ({
  eventId: crypto.randomUUID(),
  userId: "someone",
  itemId: `item ${pick(count)}`,
  eventType: types[pick(types.length)]!,
  timestamp: time,
  quantity: 1,
});

/** A user after `before` events days ago and `recent` events within the last five minutes, which are remembered. */
const stateAfter = (before: number, recent: number): UserState => {
  const user = openUser({
    ...emptyUserState,
    vector: items.vectors.slice(0, rank),
    bought: Uint32Array.from({ length: before }, (_, i) => 7 * i),
    next: new Map([[3, 1n]]),
    interactions: Array.from({ length: before }, (_, i) => ({
      itemIdx: pick(count),
      type: i < before - 60 ? 2 : pick(3),
      time: start - 86_400 + i,
    })),
  });
  for (let i = 0; i < recent; i++) {
    const context = { items, learner: learners.ema, types: defaultEventTypes, debounceSeconds: 300 };
    applyEvent(user, eventAt(start + i), 3, { offset: BigInt(i + 1), appendedAt: start + i }, context);
  }
  return closeUser(user);
};

const arrival = { offset: 1_000_000n, appendedAt: start + 130 };
const events = Array.from({ length: 5000 }, () => eventAt(start + 130));
console.log(`rank ${rank}, ${count} items: events per second of CPU time`);
for (const [before, recent] of [
  [15, 5],
  [15, 10],
  [160, 0],
  [160, 128],
] as const) {
  const states = Array.from({ length: 50 }, () => stateAfter(before, recent));
  const { interactions, recent: remembered } = states[0]!;
  const rates = Object.entries(learners).map(([name, learner]) => {
    const context = { items, learner, types: defaultEventTypes, debounceSeconds: 300 };
    const run = (until: number): number => {
      const begun = cpuMilliseconds();
      let done = 0;
      while (cpuMilliseconds() - begun < until) {
        for (let i = 0; i < 1000; i++, done++) {
          const user = openUser(states[done % 50]!);
          applyEvent(user, events[done % 5000]!, 3, arrival, context);
          closeUser(user);
        }
      }
      return (1000 * done) / (cpuMilliseconds() - begun);
    };
    run(200);
    return `${name} ${Math.round(run(seconds * 1000)).toLocaleString("en-US")}`;
  });
  console.log(`${interactions.length} interactions, ${remembered.length / recentSize} remembered: ${rates.join(", ")}`);
}

const showing = eventTypesOf([...defaultEventTypes.list, { name: "impression", weight: 0, role: "shown" }]);
const impressions = events.map((event) => ({ ...event, eventType: "impression" }));
for (const shown of [0, 20, 200]) {
  const state = stateAfter(15, 5);
  const list = Array.from({ length: shown }).reduce<ShownItems>(
    (all, _, n) => withShown(all, 7 * n, start, n),
    nothingShown,
  );
  const context = { items, learner: learners.ema, types: showing, debounceSeconds: 300 };
  const run = (until: number): number => {
    const begun = cpuMilliseconds();
    let done = 0;
    while (cpuMilliseconds() - begun < until) {
      for (let i = 0; i < 1000; i++, done++) {
        const user = openUser({ ...state, shown: list });
        applyEvent(user, impressions[done % 5000]!, 3, arrival, context);
        closeUser(user);
      }
    }
    return (1000 * done) / (cpuMilliseconds() - begun);
  };
  run(200);
  const bytes = encodeUserState({ ...state, shown: list }).length - encodeUserState(state).length;
  const rate = Math.round(run(seconds * 1000)).toLocaleString("en-US");
  console.log(`impressions, ${shown} items shown before: ${rate}; ${bytes} bytes more of the state`);
}
