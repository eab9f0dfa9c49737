import { expect, it } from "@effect/vitest";
import { Effect, Layer } from "effect";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { defaultEventTypes } from "../../src/domain/EventTypes.ts";
import { encodeForget } from "../../src/domain/Forget.ts";
import { emptyUserState } from "../../src/domain/UserState.ts";
import { makeEma } from "../../src/learning/Ema.ts";
import { DeadLetters } from "../../src/ports/DeadLetters.ts";
import type { LogRecord } from "../../src/ports/EventLog.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { updater } from "../../src/stream/Updater.ts";
import { Faults, MemoryLetters, MemoryStates } from "../support/MemoryStores.ts";

const arrival = 1_600_000_000;
const items = { rank: 1, itemIdx: Uint32Array.of(7), vectors: Float32Array.of(1), rowOf: () => 0, rowOfIdx: () => 0 };

const eventOf = (userId: string, offset: bigint) => ({
  eventId: `e-${offset}`,
  userId,
  itemId: "a",
  eventType: "click",
  timestamp: arrival + Number(offset),
  quantity: 1,
});
const click = (userId: string, offset: bigint): LogRecord => ({
  offset,
  appendedAt: arrival,
  value: encodeEvent(eventOf(userId, offset)),
});
const forget = (userId: string, offset: bigint): LogRecord => ({
  offset,
  appendedAt: arrival,
  value: encodeForget(eventOf(userId, offset)),
});

/** An updater over a model that holds damaged states of `ann` and `bob`. */
const inShop = <A, E>(
  use: (
    apply: (records: ReadonlyArray<LogRecord>) => Effect.Effect<bigint, unknown>,
    states: MemoryStates,
    letters: MemoryLetters,
    noted: ReadonlyArray<string>,
  ) => Effect.Effect<A, E>,
) => {
  const letters = new MemoryLetters();
  const states = new MemoryStates(new Faults());
  const noted: Array<string> = [];
  for (const user of ["ann", "bob"]) {
    states.users.set(user, emptyUserState);
    states.damaged.add(user);
  }
  const stores = Layer.merge(Layer.succeed(DeadLetters, letters.service), Layer.succeed(UserStates, states.service));
  return Effect.gen(function* () {
    const { open } = yield* updater({
      model: "m",
      group: "updater-m",
      standing: Effect.succeed({ identity: "log", number: 0, start: () => 0n }),
      items,
      learner: makeEma(items, { rate: 0.2 }),
      types: defaultEventTypes,
      debounceSeconds: 0,
      halfLife: 86_400,
      onForget: (_log, { word }) => Effect.sync(() => void noted.push(word.userId)),
    });
    const { apply } = yield* open(0);
    return yield* use(apply, states, letters, noted);
  }).pipe(Effect.scoped, Effect.provide(stores));
};

const historyOf = (states: MemoryStates, user: string) =>
  states.users.get(user)?.interactions.map(({ time }) => time - arrival);

it.effect("events of a shopper whose state is damaged are given up, and those of all others applied", () =>
  inShop((apply, states, letters) =>
    Effect.gen(function* () {
      const records = [click("ann", 0n), click("cid", 1n), click("ann", 2n), click("dora", 3n)];
      expect(yield* apply(records)).toBe(4n);
      expect(yield* apply(records)).toBe(4n);
      expect([...letters.letters.values()]).toMatchObject(
        [0n, 2n].map((offset) => ({
          consumer: "updater-m",
          partition: 0,
          offset,
          reason: "damaged_state",
          detail:
            'what is stored of user_id "ann" in model m cannot be decoded: the next batch makes a model anew, which counts it',
        })),
      );
      expect([historyOf(states, "cid"), historyOf(states, "dora")]).toEqual([[1], [3]]);
      expect(states.users.get("ann")).toBe(emptyUserState);
      // Of the other two's clicks alone, which are two seconds apart.
      const weight = defaultEventTypes.weights[defaultEventTypes.codeOf("click")] ?? Number.NaN;
      expect(states.trends.get(0)?.total).toBeCloseTo(2 * weight, 4);
    }),
  ),
);

it.effect("a word that forgets them makes them strangers, and what they do afterwards counts", () =>
  inShop((apply, states, letters, noted) =>
    Effect.gen(function* () {
      expect(yield* apply([click("bob", 0n), forget("ann", 1n), click("ann", 2n)])).toBe(3n);
      expect(noted).toContain("ann");
      expect(historyOf(states, "ann")).toEqual([2]);
      expect(states.users.get("ann")?.next.get(0)).toBe(3n);
      expect([...letters.letters.values()].map(({ offset }) => offset)).toEqual([0n]);
      expect([...states.damaged]).toEqual(["bob"]);
    }),
  ),
);
