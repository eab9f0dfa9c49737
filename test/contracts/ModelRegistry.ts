/** What every ModelRegistry promises. `layer` is empty at first. */
import { expect, it } from "@effect/vitest";
import { Chunk, Effect, Fiber, type Layer, Option, Queue, Stream } from "effect";
import type { Model } from "../../src/domain/Model.ts";
import { emptyRegistry, ModelRegistry, type RegistryState } from "../../src/ports/ModelRegistry.ts";

const model = (id: string): Model => ({
  id,
  createdAt: "2026-09-21T10:15:30Z",
  parameters: { rank: 32, regularization: 0.01, alpha: 1, iterations: 10, seed: 42 },
  metrics: { loss: [0.5, 0.25], "recall@12": 0.125 },
  snapshot: { tables: { "raw/transactions": 3 }, offsets: { "0": "12345678901234567890" } },
  users: 10,
  items: 20,
  status: "trained",
});

const add = (id: string) => (state: RegistryState) =>
  [state.models.length, { ...state, models: [...state.models, model(id)] }] as const;

/** `spoil` stores a text in the list's place. */
export const modelRegistryContract = <R>(
  name: string,
  layer: () => Layer.Layer<ModelRegistry | R, unknown>,
  spoil: (text: string) => Effect.Effect<unknown, unknown, R>,
): void => {
  it.layer(layer() as Layer.Layer<ModelRegistry | R>, { timeout: "60 seconds" })(`${name}: ModelRegistry`, (it) => {
    it.effect("begins empty", () =>
      Effect.gen(function* () {
        const registry = yield* ModelRegistry;
        expect(yield* registry.state).toEqual(emptyRegistry);
      }),
    );

    it.effect("keeps models and the pointer whole, and answers what the change answers", () =>
      Effect.gen(function* () {
        const registry = yield* ModelRegistry;
        expect(yield* registry.update(add("whole"))).toBe(0);
        yield* registry.update((state) => [undefined, { ...state, serving: Option.some("whole") }]);
        expect(yield* registry.state).toEqual({ models: [model("whole")], serving: Option.some("whole") });
        yield* registry.update(() => [undefined, emptyRegistry]);
      }),
    );

    it.effect("loses no concurrent update", () =>
      Effect.gen(function* () {
        const registry = yield* ModelRegistry;
        const ids = Array.from({ length: 50 }, (_, i) => `m${i}`);
        const places = yield* Effect.forEach(ids, (id) => registry.update(add(id)), { concurrency: "unbounded" });
        expect([...places].sort((a, b) => a - b)).toEqual(ids.map((_, i) => i));
        const { models } = yield* registry.state;
        expect(new Set(models.map(({ id }) => id))).toEqual(new Set(ids));
        yield* registry.update(() => [undefined, emptyRegistry]);
      }),
    );

    it.effect("tells the state now and after every change, equal states once", () =>
      Effect.gen(function* () {
        const registry = yield* ModelRegistry;
        const seen = yield* Queue.unbounded<RegistryState>();
        const watching = yield* registry.changes.pipe(
          Stream.runForEach((state) => Queue.offer(seen, state)),
          Effect.fork,
        );
        expect(yield* Queue.take(seen)).toEqual(emptyRegistry);
        yield* registry.update((state) => [undefined, { ...state }]);
        yield* registry.update((state) => [undefined, { ...state, serving: Option.some("a") }]);
        expect((yield* Queue.take(seen)).serving).toEqual(Option.some("a"));
        yield* registry.update((state) => [undefined, { ...state, serving: Option.some("b") }]);
        expect((yield* Queue.take(seen)).serving).toEqual(Option.some("b"));
        expect(Chunk.size(yield* Queue.takeAll(seen))).toBe(0);
        yield* Fiber.interrupt(watching);
        yield* registry.update(() => [undefined, emptyRegistry]);
      }),
    );

    it.effect("says that the list is damaged, and changes nothing then", () =>
      Effect.gen(function* () {
        const registry = yield* ModelRegistry;
        for (const text of ["{", "[]", '{"models":[{"id":"m"}],"serving":null}']) {
          yield* spoil(text);
          const told = [
            yield* Effect.flip(registry.state),
            yield* Effect.flip(registry.update(add("lost"))),
            yield* Effect.flip(Stream.runHead(registry.changes)),
          ];
          expect(told.map(({ operation }) => operation)).toEqual(["state", "update", "changes"]);
          for (const { message } of told) expect(message).toMatch(/cannot be decoded: restore the store/);
        }
      }),
    );
  });
};
