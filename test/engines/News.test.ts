/** What is new since a model was made, and what is not, on real tables. */
import { describe, expect, it } from "@effect/vitest";
import { Clock, ConfigProvider, Effect, Option, Stream } from "effect";
import fc from "fast-check";
import { findNews } from "../../src/batch/News.ts";
import { preprocess } from "../../src/batch/Preprocess.ts";
import { readSnapshot } from "../../src/datasets/TrainingData.ts";
import type { Fields } from "../../src/domain/ItemRecord.ts";
import { defaultLearning } from "../../src/domain/Learning.ts";
import type { Model } from "../../src/domain/Model.ts";
import {
  archiveAppId,
  rawArticles,
  rawEvents,
  rawTransactions,
  type TableDefinition,
} from "../../src/domain/TableSchemas.ts";
import { serve } from "../../src/models/Registry.ts";
import { Catalogue } from "../../src/ports/Catalogue.ts";
import type { RegistryState } from "../../src/ports/ModelRegistry.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { batchOf, inFolder, type Row } from "../support/Folder.ts";

const event = (n: number): Row => ({
  ...{ t_dat: 19_000, customer_id: `u${n % 5}`, article_id: `a${n % 3}`, event_type: "purchase", sales_channel_id: 2 },
  ...{ timestamp: 19_000 * 86_400 + n, quantity: 1, event_id: `e${n}` },
  ...{ log_partition: 0, log_offset: BigInt(n), arrived_at: 19_000 * 86_400 + n, log_id: "log" },
});
const transaction = { t_dat: 19_000, customer_id: "u1", article_id: "a1", sales_channel_id: 2 };

const write = (how: "overwrite" | "append", { name, schema }: TableDefinition, rows: ReadonlyArray<Row>) =>
  Effect.flatMap(Tables, (tables) => tables[how](name, schema, Stream.make(batchOf(schema, rows))));

/** Rows, possibly none, and the progress of the archiver, in one commit. */
const archive = (from: number, count: number, to = from + count) =>
  Effect.flatMap(Tables, (tables) =>
    tables.append(
      rawEvents.name,
      rawEvents.schema,
      count === 0
        ? Stream.empty
        : Stream.make(
            batchOf(
              rawEvents.schema,
              Array.from({ length: count }, (_, i) => event(from + i)),
            ),
          ),
      [{ appId: archiveAppId("log", 0), expected: from === 0 ? undefined : BigInt(from), next: BigInt(to) }],
    ),
  );

const merge = ({ name }: TableDefinition) =>
  Effect.flatMap(Tables, (tables) => tables.compact(name, { smallerThan: 1 << 30, minFiles: 2 }));

const parameters = { rank: 32, regularization: 0.01, alpha: 1, iterations: 10, seed: 42 };

/** A shop, and the state once a model of all its rows serves. */
const made = Effect.gen(function* () {
  yield* write("overwrite", rawTransactions, [transaction]);
  yield* write("append", rawTransactions, [transaction]);
  yield* write("overwrite", rawArticles, [{ article_id: "a1" }]);
  yield* archive(0, 6);
  yield* archive(6, 6);
  yield* preprocess;
  const model: Model = {
    id: "b",
    createdAt: new Date(yield* Clock.currentTimeMillis).toISOString(),
    ...{ parameters, learning: defaultLearning, metric: "cosine" },
    metrics: {},
    snapshot: yield* readSnapshot,
    users: 100,
    items: 100,
    status: "live",
    served: false,
  };
  return { model, state: serve({ models: [model], serving: Option.none() }, "b") };
});

const news = (state: RegistryState, force = false) => findNews(state, { force });

const steps = {
  progress: { isNew: false, run: (next: number) => Effect.as(archive(next, 0, next + 3), next + 3) },
  mergedEvents: { isNew: false, run: (next: number) => Effect.as(merge(rawEvents), next) },
  mergedTransactions: { isNew: false, run: (next: number) => Effect.as(merge(rawTransactions), next) },
  events: { isNew: true, run: (next: number) => Effect.as(archive(next, 2), next + 2) },
  transactions: {
    isNew: true,
    run: (next: number) => Effect.as(write("append", rawTransactions, [transaction]), next),
  },
  again: {
    isNew: true,
    run: (next: number) => Effect.as(write("overwrite", rawTransactions, [transaction, transaction]), next),
  },
  articles: {
    isNew: true,
    run: (next: number) => Effect.as(write("overwrite", rawArticles, [{ article_id: "a2" }]), next),
  },
};
const step = fc.constantFrom(...(Object.keys(steps) as Array<keyof typeof steps>));
const quiet = fc.constantFrom(...(["progress", "mergedEvents", "mergedTransactions"] as const));

describe("what is new since the newest model", () => {
  it.effect(
    "are rows, and neither progress nor files that were merged nor checkpoints",
    () =>
      Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(
            fc.array(quiet, { maxLength: 12 }),
            fc.array(step, { maxLength: 2 }),
            async (before, after) => {
              const script = [...before, ...after];
              const found = await Effect.runPromise(
                inFolder(() =>
                  Effect.gen(function* () {
                    const { state } = yield* made;
                    let next = 12;
                    for (const name of script) next = yield* steps[name].run(next);
                    return yield* news(state);
                  }),
                ),
              );
              expect(found !== undefined, `${script}: ${found}`).toBe(script.some((name) => steps[name].isNew));
            },
          ),
          { numRuns: 12 },
        ),
      ),
    60_000,
  );

  it.effect("is a table that was deleted and made anew, be it of the same version and size", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const { state } = yield* made;
        const tables = yield* Tables;
        const { version } = yield* tables.snapshot(rawTransactions.name);
        yield* tables.drop(rawTransactions.name);
        yield* Effect.sleep("5 millis");
        yield* write("overwrite", rawTransactions, [{ ...transaction, article_id: "a2" }]);
        yield* write("append", rawTransactions, [transaction]);
        expect((yield* tables.snapshot(rawTransactions.name)).version).toBe(version);
        expect(yield* news(state)).toBe("raw/transactions was made anew");
        yield* tables.drop(rawTransactions.name);
        expect(yield* news(state)).toBe("raw/transactions is gone");
      }),
    ),
  );

  it.effect("are other settings of the training and of what counts", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const { model, state } = yield* made;
        const provider = yield* Effect.configProviderWith(Effect.succeed);
        const having = (name: string, value: string) =>
          news(state).pipe(
            Effect.withConfigProvider(
              ConfigProvider.orElse(ConfigProvider.fromMap(new Map([[name, value]])), () => provider),
            ),
          );
        for (const [name, value] of [
          ...[
            ["ALS_RANK", "8"],
            ["ALS_ALPHA", "2"],
            ["ALS_SEED", "1"],
            ["ALS_ITERATIONS", "1"],
          ],
          ...[
            ["ALS_REGULARIZATION", "0.5"],
            ["DEBOUNCE", "1 second"],
            ["LEARNER", "ema"],
            ["BLEND_TASTE", "0.5"],
            ["METRIC", "dot"],
            ["EVENT_TYPES", "click=0.1, add_to_cart=0.5, purchase=1 buys, like=1"],
            ["EVENT_TYPES", "click=0.2, add_to_cart=0.5, purchase=1 buys"],
          ],
        ] as const) {
          expect(yield* having(name, value), name).toBe("the settings are others");
        }
        expect(yield* having("ALS_THREADS", "1")).toBeUndefined();
        const { learning: _, ...untold } = model;
        const byOthers = { ...model.snapshot, eventTypes: [{ name: "click", weight: 1 }] };
        for (const older of [{ ...model, snapshot: byOthers }, untold]) {
          expect(yield* news({ ...state, models: [older] })).toBe("the settings are others");
        }
      }),
    ),
  );

  it.effect("is a run that was cut short: after its training data, or before its model served", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const { model, state } = yield* made;
        expect(yield* news({ models: [], serving: Option.none() })).toBe("there is no model");
        expect(yield* news(state)).toBeUndefined();
        const old: Model = { ...model, id: "a", served: true };
        const after = (next: Model): RegistryState => ({ models: [old, next], serving: Option.some("a") });
        // Loaded, and stopped while it caught up.
        expect(yield* news(after(model))).toBe("model b was not put to use");
        expect(yield* news(after({ ...model, status: "trained" }))).toBe("model b was not put to use");
        // A person went back, with a model of this version or an older one.
        expect(yield* news(after({ ...model, served: true }))).toBeUndefined();
        const { served: _, ...unknown } = model;
        expect(yield* news(after(unknown))).toBeUndefined();
        // It was refused: another would be as well, unless it is asked for.
        const refused = after({ ...model, status: "trained", users: 1 });
        expect(yield* news(refused)).toBeUndefined();
        expect(yield* news(refused, true)).toBe("model b was not put to use");
        yield* preprocess;
        expect(yield* news(state)).toBe("training data were made since model b");
      }),
    ),
  );

  it.effect(
    "are items that came since or have other attributes, and neither prices nor whether they are for sale",
    () =>
      inFolder(() =>
        Effect.gen(function* () {
          const catalogue = yield* Catalogue;
          const tent = { title: "Tent", "attributes.price": 5, "attributes.colours": ["red", "blue"] };
          yield* catalogue.change([{ kind: "replace", itemId: "tent", fields: tent }]);
          const { state } = yield* made;
          const say = (fields: Fields) => catalogue.change([{ kind: "replace", itemId: "tent", fields }]);
          expect(yield* news(state)).toBeUndefined();
          yield* say({ ...tent, "attributes.price": 6, "attributes.since": "2026-01-01T00:00:00Z", available: false });
          expect(yield* news(state)).toBeUndefined();
          yield* say({ ...tent, "attributes.colours": ["green"] });
          expect(yield* news(state)).toBe("an item has other attributes");
          yield* catalogue.change([{ kind: "remove", itemId: "tent" }]);
          expect(yield* news(state)).toBeUndefined();
          yield* say(tent);
          expect(yield* news(state)).toBeUndefined();
          yield* catalogue.allot(["nobody said anything of it"]);
          expect(yield* news(state)).toBeUndefined();
          yield* catalogue.change(
            ["rug", "bed"].map((itemId) => ({ kind: "replace", itemId, fields: { title: itemId } })),
          );
          expect(yield* news(state)).toBe("2 items are new");
        }),
      ),
  );
});
