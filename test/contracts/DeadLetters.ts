/** What every DeadLetters promises. Letters of other tests may be there: each test has consumers of its own. */
import { expect, it } from "@effect/vitest";
import { Effect, type Layer } from "effect";
import { type DeadLetter, DeadLetters } from "../../src/ports/DeadLetters.ts";

let consumers = 0;
const newConsumer = (): string => `consumer-${process.pid}-${++consumers}-${Math.random().toString(36).slice(2)}`;

const letter = (consumer: string, partition: number, offset: bigint, text = "{"): DeadLetter => ({
  consumer,
  partition,
  offset,
  reason: "undecodable",
  detail: `event is not JSON: ${text}`,
  value: new TextEncoder().encode(text),
});

const listed = (consumer: string) =>
  Effect.gen(function* () {
    const letters = yield* DeadLetters;
    const all = yield* letters.list(10_000);
    return all.filter((one) => one.consumer === consumer).map((one) => ({ ...one, value: Uint8Array.from(one.value) }));
  });

export const deadLettersContract = (name: string, layer: () => Layer.Layer<DeadLetters, unknown>): void => {
  it.layer(layer() as Layer.Layer<DeadLetters>, { timeout: "60 seconds" })(`${name}: DeadLetters`, (it) => {
    it.effect("keeps each letter whole, oldest first in its partition", () =>
      Effect.gen(function* () {
        const consumer = newConsumer();
        const letters = yield* DeadLetters;
        const [a, b, c] = [letter(consumer, 1, 300n, "ž"), letter(consumer, 1, 2n), letter(consumer, 0, 2n ** 40n, "")];
        yield* letters.append([a, b]);
        yield* letters.append([{ ...c, reason: "unknown_item", detail: "item_id 77 is not in the catalogue" }]);
        const kept = yield* listed(consumer);
        expect(kept).toHaveLength(3);
        expect(kept.filter((one) => one.partition === 1)).toEqual([b, a]);
        expect(kept.find((one) => one.partition === 0)).toEqual({
          ...c,
          reason: "unknown_item",
          detail: "item_id 77 is not in the catalogue",
        });
      }),
    );

    it.effect("adds nothing for a redelivery, and tells consumers apart", () =>
      Effect.gen(function* () {
        const [one, other] = [newConsumer(), newConsumer()];
        const letters = yield* DeadLetters;
        const before = yield* letters.count;
        yield* letters.append([letter(one, 0, 7n, "first")]);
        yield* letters.append([letter(one, 0, 7n, "first"), letter(other, 0, 7n, "second")]);
        expect(yield* letters.count).toBe(before + 2);
        expect(yield* listed(one)).toEqual([letter(one, 0, 7n, "first")]);
        expect(yield* listed(other)).toEqual([letter(other, 0, 7n, "second")]);
      }),
    );

    it.effect("lists no more than asked for, and takes an empty list", () =>
      Effect.gen(function* () {
        const consumer = newConsumer();
        const letters = yield* DeadLetters;
        yield* letters.append([]);
        yield* letters.append(Array.from({ length: 20 }, (_, i) => letter(consumer, 0, BigInt(i))));
        expect(yield* letters.list(5)).toHaveLength(5);
      }),
    );
  });
};
