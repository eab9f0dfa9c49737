/**
 * Generations: which generation of a model is read, which one is being loaded, and the sweeping of those that are neither.
 *
 * A generation that loses its name becomes garbage in the same transaction; garbage is swept in slices, by whoever made
 * it and, after a crash, by the next process that opens the store.
 */
import { Clock, Effect, type Scope } from "effect";
import type { StoreService } from "../../engines/lmdb/Store.ts";
import type { StoreError } from "../../engines/lmdb/StoreError.ts";
import {
  counterKey,
  garbageKey,
  garbageRange,
  generationOfGarbage,
  generationRange,
  loadingKey,
  modelKey,
  modelRange,
  removedKey,
  removedRange,
} from "./Keys.ts";

/** Records deleted per transaction: a few milliseconds of the event loop. */
const sweepSlice = 4096;

export interface Generations {
  /** The generation that is read. Within a read or a write. */
  readonly current: (model: string) => number | undefined;
  /** As `current`, of every model. */
  readonly all: () => ReadonlyArray<number>;
  /** As `current`; begins one where the model was never loaded. Undefined where it was removed. Within a write. */
  readonly currentOrNew: (model: string) => number | undefined;
  /** A new generation to fill; what an interrupted load left is swept. */
  readonly begin: (model: string) => Effect.Effect<number, StoreError>;
  /** Makes the generation the one that is read, unless another load or a drop came between: then false. */
  readonly complete: (model: string, generation: number) => Effect.Effect<boolean, StoreError>;
  readonly drop: (model: string) => Effect.Effect<void, StoreError>;
}

/** For how long it is kept in mind that a model was removed: longer than anybody goes on writing to it. */
const rememberedMillis = 86_400_000;

const toBytes = (generation: number): Buffer => {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(generation, 0);
  return bytes;
};

/** A fiber sweeps what a crash left; it ends with the scope. */
export const makeGenerations = (store: StoreService): Effect.Effect<Generations, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { states } = store.tables;

    const number = (key: Buffer): number | undefined => {
      const bytes = states.get(key);
      return bytes === undefined ? undefined : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    };

    const allocate = (): number => {
      const generation = (number(counterKey) ?? 0) + 1;
      states.put(counterKey, toBytes(generation));
      return generation;
    };

    /** Takes the name away; its generation is garbage from now on. */
    const discard = (key: Buffer): void => {
      const generation = number(key);
      if (generation === undefined) return;
      states.remove(key);
      states.put(garbageKey(generation), toBytes(generation));
    };

    const sweepOne = (generation: number): Effect.Effect<void, StoreError> =>
      store
        .write(() => {
          const keys = Array.from(states.getKeys({ ...generationRange(generation), limit: sweepSlice }));
          for (const key of keys) states.remove(key);
          if (keys.length < sweepSlice) states.remove(garbageKey(generation));
          return keys.length < sweepSlice;
        })
        .pipe(Effect.repeat({ until: (done) => done }), Effect.asVoid);

    const sweep = store
      .read(() => Array.from(states.getKeys(garbageRange), generationOfGarbage))
      .pipe(Effect.flatMap((garbage) => Effect.forEach(garbage, sweepOne, { discard: true })));

    yield* sweep.pipe(
      Effect.catchAll((error) => Effect.logWarning(`Sweeping removed models failed: ${error.message}`)),
      Effect.forkScoped,
    );

    const current = (model: string) => number(modelKey(model));

    return {
      current,
      all: () =>
        Array.from(states.getKeys(modelRange), (key) => number(Buffer.from(key))).filter((one) => one !== undefined),
      currentOrNew: (model) => {
        const existing = current(model);
        if (existing !== undefined) return existing;
        if (states.get(removedKey(model)) !== undefined) return undefined;
        const generation = allocate();
        states.put(modelKey(model), toBytes(generation));
        return generation;
      },
      begin: (model) =>
        store
          .write(() => {
            discard(loadingKey(model));
            states.remove(removedKey(model));
            const generation = allocate();
            states.put(loadingKey(model), toBytes(generation));
            return generation;
          })
          .pipe(Effect.tap(() => sweep)),
      complete: (model, generation) =>
        store
          .write(() => {
            if (number(loadingKey(model)) !== generation) {
              states.put(garbageKey(generation), toBytes(generation));
              return false;
            }
            discard(modelKey(model));
            states.remove(loadingKey(model));
            states.put(modelKey(model), toBytes(generation));
            return true;
          })
          .pipe(Effect.tap(() => sweep)),
      drop: (model) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) =>
          store.write(() => {
            discard(modelKey(model));
            discard(loadingKey(model));
            const long = Array.from(states.getRange(removedRange)).filter(
              ({ value }) => Buffer.from(value).readDoubleLE() < now - rememberedMillis,
            );
            for (const { key } of long) states.remove(key);
            const at = Buffer.alloc(8);
            at.writeDoubleLE(now);
            states.put(removedKey(model), at);
          }),
        ).pipe(Effect.zipRight(sweep)),
    };
  });
