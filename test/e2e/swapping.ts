/** A model swap and its rollback under load, and what is looked at afterwards: the answers, and the states of both models. */
import { expect } from "@effect/vitest";
import { ConfigProvider, Effect, Layer, Logger, LogLevel, Option, Schema, Stream } from "effect";
import * as Live from "../../layers/Live.ts";
import * as LocalTables from "../../layers/Tables/Local.ts";
import { readWholeLog, replay, type WholeLog } from "../../scripts/chaos/Reference.ts";
import { defaultEventTypes } from "../../src/domain/EventTypes.ts";
import type { Model } from "../../src/domain/Model.ts";
import { emptyUserState, type UserState } from "../../src/domain/UserState.ts";
import { makeEma } from "../../src/learning/Ema.ts";
import { loadModel } from "../../src/models/Load.ts";
import { standing } from "../../src/models/Standing.ts";
import type { DeadLetters } from "../../src/ports/DeadLetters.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import type { Forgotten } from "../../src/ports/Forgotten.ts";
import { ItemIndex, type ModelItems } from "../../src/ports/ItemIndex.ts";
import { emptyRegistry, ModelRegistry } from "../../src/ports/ModelRegistry.ts";
import type { Popular } from "../../src/ports/Popular.ts";
import { Progress } from "../../src/ports/Progress.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { Answer } from "../../src/serving/recommend/Answer.ts";
import { pastOf } from "../support/LoadedUsers.ts";
import { run, start } from "./process.ts";

export type Environment = Readonly<Record<string, string>>;

type Stores = EventLog | DeadLetters | UserStates | ItemIndex | ModelRegistry | Popular | Forgotten | Tables;

/** In this process, on the stores that the settings name. */
export const on = <A, E>(environment: Environment, program: Effect.Effect<A, E, Stores>): Promise<A> =>
  program.pipe(
    Effect.provide(Layer.merge(Live.stores, LocalTables.layer)),
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(environment)))),
    Logger.withMinimumLogLevel(LogLevel.Error),
    Effect.runPromise,
  );

export const wait = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));

/** Looks again and again until it holds; says what it waited for when that takes a minute. */
export const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  const began = Date.now();
  while (!(await holds())) {
    if (Date.now() - began > 60_000) throw new Error(`waited in vain: ${what}`);
    await wait(20);
  }
};

const decodeAnswer = Schema.decodeUnknownSync(Answer);

/** Clients that ask for recommendations, one after the other, until `stop`. */
const makeClients = (url: string, users: ReadonlyArray<string>, count: number) => {
  /** By client, in the order of asking. */
  const answers: Array<Array<Answer>> = [];
  const failures: Array<string> = [];
  let going = true;
  const loops = Array.from({ length: count }, async (_, client) => {
    const own: Array<Answer> = [];
    answers.push(own);
    for (let i = client; going; i += count) {
      const user = users[(i * 7) % users.length]!;
      try {
        const response = await fetch(`${url}/recommend/${encodeURIComponent(user)}?k=10`);
        const body = await response.text();
        if (response.status === 200) own.push(decodeAnswer(JSON.parse(body)));
        else failures.push(`${response.status} ${body}`);
      } catch (error) {
        failures.push(String(error));
      }
      await wait(5);
    }
  });
  return {
    answers,
    failures,
    /** Whether every client's last answer is of this model. */
    see: (model: string) => answers.every((own) => own.at(-1)?.model === model),
    stop: () => {
      going = false;
      return Promise.all(loops);
    },
  };
};

const registry = Effect.flatMap(ModelRegistry, ({ state }) => state);

const servingId = (environment: Environment): Promise<string> =>
  on(
    environment,
    Effect.map(registry, ({ serving }) => Option.getOrThrow(serving)),
  );

/** What the loader hands to the stores: the users as they are before any event. */
const loadedStates = (model: Model) =>
  Effect.gen(function* () {
    const loaded = new Map<string, UserState>();
    const states = yield* UserStates;
    const items = yield* ItemIndex;
    const models = yield* ModelRegistry;
    yield* loadModel(model).pipe(
      Effect.provideService(UserStates, {
        ...states,
        load: (_, users) =>
          users.pipe(
            Stream.runForEach((batch) =>
              Effect.sync(() => {
                batch.ids.forEach((userId, row) => {
                  const vector = batch.vectors[row];
                  loaded.set(userId, { ...emptyUserState, vector, ...pastOf(batch.past, row) });
                });
              }),
            ),
            Effect.as(0),
          ),
      }),
      Effect.provideService(ItemIndex, { ...items, load: () => Effect.succeed(0) }),
      Effect.provideService(ModelRegistry, {
        ...models,
        update: (change) => Effect.sync(() => change(emptyRegistry)[0]),
      }),
      Effect.provide(Progress.layerSilent),
    );
    return loaded;
  });

const isBehind = (model: string) =>
  Effect.gen(function* () {
    const states = yield* UserStates;
    const ends = yield* Effect.flatMap(EventLog, (log) => log.endOffsets);
    const positions = yield* Effect.forEach(ends, (_, partition) => states.position(model, partition));
    return ends.some((end, partition) => end > 0n && (positions[partition] ?? 0n) < end);
  });

interface Known {
  readonly id: string;
  readonly catalogue: ModelItems;
  readonly loaded: ReadonlyMap<string, UserState>;
  readonly snapshot: ReadonlyArray<bigint>;
  /** Every user's state in the store, and what an offline replay of the log on this model makes of it. */
  readonly found: ReadonlyMap<string, UserState | undefined>;
  readonly wanted: ReadonlyMap<string, UserState>;
}

const know = (id: string, log: WholeLog) =>
  Effect.gen(function* () {
    const { models } = yield* registry;
    const model = models.find((one) => one.id === id)!;
    const catalogue = yield* Effect.flatMap(ItemIndex, (items) => items.items(id));
    const loaded = yield* loadedStates(model);
    const { identity, start } = yield* standing(model);
    const snapshot = log.map((_, partition) => start(partition));
    const learner = makeEma(catalogue, { rate: 0.2 });
    const context = {
      items: catalogue,
      learner,
      types: defaultEventTypes,
      debounceSeconds: 300,
      halfLife: model.halfLifeSeconds!,
    };
    const { states: wanted } = replay(identity, log, loaded, (partition) => snapshot[partition]!, context);
    const ids = [...wanted.keys()];
    const found = yield* Effect.flatMap(UserStates, (states) => states.read(id, ids));
    const known: Known = {
      id,
      catalogue,
      loaded,
      snapshot,
      wanted,
      found: new Map(ids.map((userId, i) => [userId, found[i]])),
    };
    return known;
  });

const scoreOf = ({ rank, vectors }: ModelItems, row: number, query: Float32Array): number => {
  let sum = 0;
  for (let f = 0; f < rank; f++) sum += query[f]! * vectors[row * rank + f]!;
  return sum;
};

/** An answer to a user whose state is `state`: the best items of that model, with their scores. */
const isExactly = ({ catalogue }: Known, { vector, ...state }: UserState, answer: Answer): boolean => {
  if (vector === undefined || answer.source !== "personalized") return false;
  const bought = new Set(state.bought);
  const best = Array.from(catalogue.itemIdx, (itemIdx, row) => ({ itemIdx, score: scoreOf(catalogue, row, vector) }))
    .filter(({ itemIdx }, row) => !bought.has(itemIdx) && catalogue.isNew[row] === 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, 10);
  return (
    answer.recommendations.length === best.length &&
    answer.recommendations.every(({ item_idx, score }, i) => {
      const row = catalogue.rowOfIdx(item_idx);
      return (
        row !== undefined &&
        Math.abs(scoreOf(catalogue, row, vector) - score) < 1e-4 &&
        Math.abs(best[i]!.score - score) < 1e-4
      );
    })
  );
};

/** The ids of the models that answered one client, without repetition of neighbours. */
const sequenceOf = (answers: ReadonlyArray<Answer>): ReadonlyArray<string | null> =>
  answers.map(({ model }) => model).filter((model, i, all) => model !== all[i - 1]);

export interface Swap {
  readonly old: string;
  readonly young: string;
  readonly requests: number;
  readonly events: number;
}

/**
 * With producer and clients at work: `batch` beside them, then `models use OLD`. Expects that no request failed, that each
 * answer is of one model, that each client saw old, new, old; and that the states of both models equal offline replays.
 */
export const swapUnderLoad = async (
  environment: Environment,
  url: string,
  users: ReadonlyArray<string>,
): Promise<Swap> => {
  const old = await servingId(environment);
  const producer = start(["producer"], {
    ...environment,
    PRODUCER_RATE: "150",
    PRODUCER_SEED: "5",
    PRODUCER_SHOPPERS: "150",
  });
  const clients = makeClients(url, users, 4);
  try {
    await until("the archive holds events", async () =>
      on(
        environment,
        Effect.map(
          Effect.option(Effect.flatMap(Tables, (tables) => tables.snapshot("raw/events"))),
          (snapshot) => Option.isSome(snapshot) && snapshot.value.rows > 100,
        ),
      ),
    );
    await until("the old model answers", () => clients.see(old));
    const batch = await run(["batch"], environment);
    expect(batch.code, batch.stderr).toBe(0);
    const young = await servingId(environment);
    expect(young).not.toBe(old);
    await until("the new model answers", () => clients.see(young));
    const rollback = await run(["models", "use", old], environment);
    expect(rollback.code, rollback.stderr).toBe(0);
    await until("the old model answers again", () => clients.see(old));
    producer.child.kill("SIGTERM");
    const end = await producer.exit;
    expect(end.code, end.stderr).toBe(0);
    for (const model of [old, young]) {
      await until(`model ${model} is up to date`, async () => !(await on(environment, isBehind(model))));
    }
    await clients.stop();

    expect(clients.failures).toEqual([]);
    for (const own of clients.answers) expect(sequenceOf(own)).toEqual([old, young, old]);

    const { log, models } = await on(
      environment,
      Effect.gen(function* () {
        const log = yield* readWholeLog;
        return { log, models: [yield* know(old, log), yield* know(young, log)] };
      }),
    );
    const events = log.reduce((sum, { length }) => sum + length, 0);
    const learnt = (known: Known) => known.snapshot.reduce((sum, offset) => sum + Number(offset), 0);
    expect(learnt(models[0]!)).toBe(0);
    expect(learnt(models[1]!)).toBeGreaterThan(100);
    expect(learnt(models[1]!)).toBeLessThan(events);
    for (const { found, loaded, wanted } of models) {
      expect([...wanted].filter(([userId, state]) => loaded.get(userId) !== state).length).toBeGreaterThan(20);
      expect(found).toEqual(wanted);
    }

    let exact = 0;
    for (const answer of clients.answers.flat()) {
      const known = models.find(({ id }) => id === answer.model)!;
      for (const { item_idx, metadata } of answer.recommendations) {
        const row = known.catalogue.rowOfIdx(item_idx);
        expect(row).toBeDefined();
        const said = known.catalogue.metadata[row!]!;
        expect(metadata).toEqual({ ...said, item_id: said.article_id });
      }
      // Whom no event has moved is answered from what the model was loaded with.
      const user = answer.user ?? "";
      if (models.some(({ loaded, wanted }) => loaded.get(user) !== wanted.get(user))) continue;
      const state = known.loaded.get(user);
      if (state?.vector === undefined) continue;
      expect(isExactly(known, state, answer), `${answer.user} ${JSON.stringify(answer)}`).toBe(true);
      exact += 1;
    }
    expect(exact).toBeGreaterThan(20);
    return { old, young, requests: clients.answers.flat().length, events };
  } finally {
    producer.child.kill("SIGKILL");
    await clients.stop();
  }
};
