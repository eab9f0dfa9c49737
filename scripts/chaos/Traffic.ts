/**
 * Traffic: numbered events at a fixed rate, appended in order, each list until it is acknowledged.
 *
 * Regulars act every few minutes of event time: what a retry appends twice is told by its event id. Rare guests act days
 * apart, where no debounce would hide that an event was applied twice. A few events are
 * poison: not JSON, of an unknown item, of an unknown type.
 */
import { Clock, Effect, Schedule } from "effect";
import type { Event } from "../../src/domain/Event.ts";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { makeRandom } from "../../src/kernels/Random.ts";
import { EventLog, type Position } from "../../src/ports/EventLog.ts";

export interface Numbered {
  readonly number: number;
  readonly userId: string;
  readonly value: Uint8Array;
}

export interface TrafficOptions {
  readonly seed: number;
  /** Ids of customers that the model knows. */
  readonly customers: ReadonlyArray<string>;
  readonly itemIds: ReadonlyArray<string>;
}

const regulars = 60;
const guests = 20;
const firstTime = 1_600_000_000;
const types = ["click", "click", "click", "add_to_cart", "purchase"] as const;
const encoder = new TextEncoder();

export const isRegular = (userId: string): boolean => !userId.endsWith("-guest");

/** The number that a record carries, poison or not. */
export const numberOf = (value: Uint8Array): number =>
  Number(/chaos-(\d+)/.exec(new TextDecoder().decode(value))?.[1] ?? Number.NaN);

/** The next event, and the next. */
export const makeTraffic = ({ customers, itemIds, seed }: TrafficOptions): (() => Numbered) => {
  const random = makeRandom(seed, "chaos: traffic");
  const pick = <A>(values: ReadonlyArray<A>): A => values[random.below(values.length)]!;
  const known = customers.slice(0, regulars / 2);
  const users = [...known, ...Array.from({ length: regulars - known.length }, (_, n) => `chaos-newcomer-${n}`)];
  const visits = new Map<string, number>();
  const last = new Map<string, Event>();
  let time = firstTime;
  let number = -1;

  const timeOf = (userId: string): number => {
    const visit = (visits.get(userId) ?? 0) + 1;
    visits.set(userId, visit);
    return isRegular(userId) ? time : firstTime + visit * 20_000 + random.below(1_000);
  };

  return () => {
    number += 1;
    time += random.below(30);
    const userId = random.chance(0.25) ? `chaos-${random.below(guests)}-guest` : pick(users);
    const before = last.get(userId);
    const again = before !== undefined && random.chance(0.1);
    const event: Event = {
      eventId: `chaos-${number}`,
      userId,
      itemId: again ? before.itemId : random.chance(0.01) ? "no such item" : pick(itemIds),
      eventType: again ? before.eventType : random.chance(0.005) ? "stare" : pick(types),
      timestamp: timeOf(userId) + random.below(4) / 4,
      quantity: 1,
    };
    last.set(userId, event);
    const value = random.chance(0.005) ? encoder.encode(`{"event_id": "chaos-${number}", `) : encodeEvent(event);
    return { number, userId, value };
  };
};

/** What was acknowledged, and where it was said to stand. */
export interface Told {
  readonly events: Array<Numbered>;
  readonly positions: Map<number, Position>;
  /** Lists that were appended again, since nobody had acknowledged them. */
  retries: number;
}

const tick = "25 millis";
const largestList = 500;
const patience = Schedule.jittered(Schedule.spaced("200 millis")).pipe(Schedule.upTo("5 minutes"));

/** Appends until `until` (Unix milliseconds); after an outage the overdue events follow at once. */
export const produce = (
  next: () => Numbered,
  rate: number,
  until: number,
  told: Told,
): Effect.Effect<void, never, EventLog> =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    const began = yield* Clock.currentTimeMillis;
    while (true) {
      const now = Math.min(yield* Clock.currentTimeMillis, until);
      const due = Math.floor(((now - began) / 1000) * rate) - told.events.length;
      if (due <= 0) {
        if (now >= until) return;
        yield* Effect.sleep(tick);
        continue;
      }
      const list = Array.from({ length: Math.min(due, largestList) }, next);
      told.events.push(...list);
      const positions = yield* log.append(list.map(({ userId, value }) => ({ key: userId, value }))).pipe(
        Effect.tapError(() =>
          Effect.sync(() => {
            told.retries += 1;
          }),
        ),
        Effect.retry(patience),
        Effect.orDie,
      );
      for (const [i, position] of positions.entries()) told.positions.set(list[i]!.number, position);
    }
  });
