/** What every DeadLetters promises. Letters of other tests may be there: each test has consumers of its own. */
import { expect, it } from "@effect/vitest";
import { Effect, type Layer } from "effect";
import { type DeadLetter, DeadLetters, type KeptLetter } from "../../src/ports/DeadLetters.ts";

let consumers = 0;
const newConsumer = (): string => `consumer-${process.pid}-${++consumers}-${Math.random().toString(36).slice(2)}`;

export const letter = (consumer: string, partition: number, offset: bigint, text = "{"): DeadLetter => ({
  log: "cluster/user_events",
  consumer,
  partition,
  offset,
  reason: "undecodable",
  detail: `event is not JSON: ${text}`,
  appendedAt: 1_700_000_000.25,
  value: new TextEncoder().encode(text),
});

const kept = (consumer: string): Effect.Effect<ReadonlyArray<KeptLetter>, unknown, DeadLetters> =>
  Effect.gen(function* () {
    const letters = yield* DeadLetters;
    const all = yield* letters.list(10_000);
    return all.filter((one) => one.consumer === consumer).map((one) => ({ ...one, value: Uint8Array.from(one.value) }));
  });

/** The letters as they were appended. */
const listed = (consumer: string) =>
  Effect.map(kept(consumer), (all) => all.map(({ keptAt: _, replay: __, ...one }): DeadLetter => one));

const marks = (consumer: string) =>
  Effect.map(kept(consumer), (all) => all.map(({ offset, replay }) => [offset, replay]));

export const deadLettersContract = (name: string, layer: () => Layer.Layer<DeadLetters, unknown>): void => {
  it.layer(layer() as Layer.Layer<DeadLetters>, { timeout: "60 seconds" })(`${name}: DeadLetters`, (it) => {
    it.effect("keeps each letter whole, oldest first", () =>
      Effect.gen(function* () {
        const consumer = newConsumer();
        const letters = yield* DeadLetters;
        const [a, b] = [letter(consumer, 1, 300n, "ž"), letter(consumer, 1, 2n)];
        const c: DeadLetter = {
          ...letter(consumer, 0, 2n ** 40n, ""),
          reason: "unknown_item",
          detail: "item_id 77 is not in the catalogue",
        };
        yield* letters.append([a, b]);
        yield* letters.append([c]);
        expect(yield* listed(consumer)).toEqual([a, b, c]);
        const [first] = yield* kept(consumer);
        expect(first!.keptAt).toBeGreaterThanOrEqual(0);
        expect(first!.replay).toBeUndefined();
      }),
    );

    it.effect("adds nothing for a redelivery, and tells consumers apart", () =>
      Effect.gen(function* () {
        const [one, other] = [newConsumer(), newConsumer()];
        const letters = yield* DeadLetters;
        yield* letters.append([letter(one, 0, 7n, "first")]);
        yield* letters.append([letter(one, 0, 7n, "first"), letter(other, 0, 7n, "second")]);
        expect(yield* listed(one)).toEqual([letter(one, 0, 7n, "first")]);
        expect(yield* listed(other)).toEqual([letter(other, 0, 7n, "second")]);
      }),
    );

    it.effect("lists no more than asked for, and takes empty lists", () =>
      Effect.gen(function* () {
        const consumer = newConsumer();
        const letters = yield* DeadLetters;
        yield* letters.append([]);
        yield* letters.drop([]);
        yield* letters.mark([], { state: "replayed" });
        yield* letters.append(Array.from({ length: 20 }, (_, i) => letter(consumer, 0, BigInt(i))));
        expect(yield* letters.list(5)).toHaveLength(5);
      }),
    );

    it.effect("keeps a letter's last mark, through redeliveries, until it is dropped", () =>
      Effect.gen(function* () {
        const consumer = newConsumer();
        const letters = yield* DeadLetters;
        const [a, b, c, gone] = [0n, 1n, 2n, 3n].map((offset) => letter(consumer, 3, offset)) as [
          DeadLetter,
          DeadLetter,
          DeadLetter,
          DeadLetter,
        ];
        yield* letters.append([a, b, c]);
        yield* letters.mark([a, b, gone], { state: "begun", ends: [5n, 2n ** 60n], begunAt: 1_700_000_000.5 });
        yield* letters.mark([b], { state: "counted" });
        yield* letters.append([a, b]);
        expect(yield* marks(consumer)).toEqual([
          [0n, { state: "begun", ends: [5n, 2n ** 60n], begunAt: 1_700_000_000.5 }],
          [1n, { state: "counted" }],
          [2n, undefined],
        ]);
        yield* letters.mark([a], { state: "replayed" });
        yield* letters.drop([b, gone]);
        expect(yield* marks(consumer)).toEqual([
          [0n, { state: "replayed" }],
          [2n, undefined],
        ]);
        expect(yield* listed(consumer)).toEqual([a, c]);
        yield* letters.append([b]);
        expect(yield* marks(consumer)).toContainEqual([1n, undefined]);
      }),
    );

    it.effect("tells how many there are, and since when", () =>
      Effect.gen(function* () {
        const consumer = newConsumer();
        const letters = yield* DeadLetters;
        const before = yield* letters.stats;
        yield* letters.append([letter(consumer, 0, 1n), letter(consumer, 0, 2n)]);
        const after = yield* letters.stats;
        expect(after.count).toBe(before.count + 2);
        const [oldest] = yield* letters.list(1);
        expect(after.oldest).toBe(oldest!.keptAt);
      }),
    );
  });
};
