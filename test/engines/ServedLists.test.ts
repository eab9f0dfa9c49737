/** What `evaluate` measures is what is served: its contestants' lists, from a model's tables and the same events, are the API's. */
import { HttpServer } from "@effect/platform";
import { expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Layer, Stream } from "effect";
import * as Embedded from "../../layers/Embedded.ts";
import * as NodeServer from "../../layers/Http/Node.ts";
import { preprocess } from "../../src/batch/Preprocess.ts";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { defaultEventTypes } from "../../src/domain/EventTypes.ts";
import type { LearnerName } from "../../src/domain/Learning.ts";
import type { Model } from "../../src/domain/Model.ts";
import { itemFactors, itemFollowers, itemPopularity, userFactors } from "../../src/domain/ModelTables.ts";
import { itemMap, userMap } from "../../src/domain/TableSchemas.ts";
import { byRecipe } from "../../src/evaluation/Contestants.ts";
import type { InteractionLog } from "../../src/evaluation/InteractionLog.ts";
import { makeLiveShop } from "../../src/evaluation/LiveShop.ts";
import { remember, shoppersBefore } from "../../src/evaluation/Shoppers.ts";
import * as Server from "../../src/http/Server.ts";
import { http } from "../../src/http/Settings.ts";
import { importEvents } from "../../src/intake/ImportEvents.ts";
import { makeRandom } from "../../src/kernels/Random.ts";
import { loadModel } from "../../src/models/Load.ts";
import { trainModel } from "../../src/models/Train.ts";
import { useModel } from "../../src/models/Use.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { ServingModel } from "../../src/serving/ServingModel.ts";
import { parameters } from "../evaluation/Shop.ts";
import { inFolder, rowsOf } from "../support/Folder.ts";

const [shoppers, departments, perDepartment, batchEvents, streamed] = [1_010, 8, 60, 14_000, 3_000] as const;
const begin = 1_700_000_000;

interface Act {
  readonly user: string;
  readonly item: string;
  readonly type: number;
  readonly time: number;
}

/** Shoppers of one department each, who look at most of what they buy; the last of them come in the stream alone. */
const acts = (() => {
  const random = makeRandom(5, "test.served");
  return Array.from({ length: batchEvents + streamed }, (_, n): Act => {
    const user = random.below(n < batchEvents ? shoppers - 50 : shoppers);
    const department = random.chance(0.1) ? random.below(departments) : user % departments;
    const item = Math.floor(perDepartment * random.uniform() ** 2);
    const type = random.chance(0.6) ? 0 : random.chance(0.5) ? 1 : 2;
    return { user: `u${user}`, item: `i${department}-${item}`, type, time: begin + 211 * n };
  });
})();
const [before, after] = [acts.slice(0, batchEvents), acts.slice(batchEvents)];

/** In which index a table knows an id. */
const indexOf = (table: string, id: string, idx: string) =>
  Effect.map(rowsOf(table), (rows) => new Map(rows.map((row) => [row[id] as string, row[idx] as number])));

const vectorsOf = (table: string, rank: number, rows: number) =>
  Effect.map(rowsOf(table), (found) => {
    const vectors = new Float32Array(rank * rows);
    for (const row of found) vectors.set(row.features as ArrayLike<number>, rank * Number(Object.values(row)[0]));
    return vectors;
  });

const followersIn = (model: Model) =>
  Effect.map(rowsOf(itemFollowers(model.id).name), (rows) => {
    const pointers = new Uint32Array(model.items + 1);
    const totals = new Float64Array(model.items);
    for (const row of rows) {
      pointers[Number(row.item_idx) + 1]!++;
      totals[Number(row.item_idx)] = Number(row.total);
    }
    for (let item = 0; item < model.items; item++) pointers[item + 1]! += pointers[item]!;
    const items = Uint32Array.from(rows, (row) => Number(row.follower_idx));
    return { pointers, totals, items, counts: Float64Array.from(rows, (row) => Number(row.count)) };
  });

/** The lists of the contestant that a model's learner is in `evaluate`, once it has seen all that was streamed. */
const evaluatedLists = (model: Model, most: number) =>
  Effect.gen(function* () {
    const users = yield* indexOf(userMap.name, "customer_id", "user_idx");
    const items = yield* indexOf(itemMap.name, "article_id", "item_idx");
    for (const { user } of after) if (!users.has(user)) users.set(user, users.size);
    users.set(stranger, users.size);
    const { rank } = model.parameters;
    const columns = {
      user: Uint32Array.from(acts, ({ user }) => users.get(user)!),
      item: Uint32Array.from(acts, ({ item }) => items.get(item)!),
      type: Uint8Array.from(acts, ({ type }) => type),
      time: Float64Array.from(acts, ({ time }) => time),
    };
    const log: InteractionLog = {
      ...columns,
      userIds: [...users.keys()],
      itemIds: [...items.keys()],
      available: new Uint8Array(items.size).fill(1),
      hasItemsFile: false,
      length: acts.length,
      weight: Float32Array.from(acts, ({ type }) => defaultEventTypes.weights[type]!),
    };
    // Rows are the model's own indices of items.
    const identity = Int32Array.from({ length: items.size }, (_, item) => item);
    const userCounts = new Uint32Array(users.size);
    for (let at = 0; at < batchEvents; at++) userCounts[log.user[at]!]++;
    const set = {
      users: users.size,
      items: items.size,
      rowOf: identity,
      itemOf: Uint32Array.from(identity),
      available: log.available,
      itemCounts: new Uint32Array(items.size),
      userCounts,
      types: defaultEventTypes,
      pointers: new Uint32Array(users.size + 1),
      itemIdx: new Uint32Array(0),
      ratings: new Float32Array(0),
    };
    const places = Uint32Array.from(acts, (_, at) => at);
    const shares = new Float32Array(items.size);
    for (const row of yield* rowsOf(itemPopularity(model.id).name)) shares[Number(row.item_idx)] = Number(row.share);
    const measured = {
      log,
      split: { train: places.subarray(0, batchEvents), test: places.subarray(batchEvents) },
      set,
      factors: {
        rank,
        userFactors: yield* vectorsOf(userFactors(model.id).name, rank, users.size),
        itemFactors: yield* vectorsOf(itemFactors(model.id).name, rank, items.size),
      },
      followers: yield* followersIn(model),
      users: new Set<number>(),
      parameters: { ...parameters, model: model.parameters },
      batchPopularity: {
        shares,
        total: model.popularityTotal!,
        asOf: model.popularityAsOf!,
        halfLife: model.halfLifeSeconds!,
      },
    };
    const shop = makeLiveShop(measured, most);
    const { contestant } = byRecipe("served", shop, {
      learning: model.learning!,
      metric: model.metric ?? "dot",
      parameters: model.parameters,
    });
    const known = shoppersBefore(measured);
    for (const at of measured.split.test) {
      const [user, item, type, time] = [log.user[at]!, log.item[at]!, log.type[at]!, log.time[at]!];
      const shopper = known.get(user)!;
      if (!remember(shopper, { itemIdx: item, type, time }, parameters.debounceSeconds, defaultEventTypes)) continue;
      shop.count(shopper.interactions);
      shop.observe(user, item, type, time);
      contestant.vectors?.learn(user, item, defaultEventTypes.weights[type]!, shopper.interactions);
    }
    shop.await(0, acts.at(-1)!.time);
    const bought = new Map<number, Set<number>>();
    for (let at = 0; at < acts.length; at++) {
      if (log.type[at] !== defaultEventTypes.codeOf("purchase")) continue;
      const own = bought.get(log.user[at]!) ?? new Set();
      bought.set(log.user[at]!, own.add(log.item[at]!));
    }
    const histories = shoppersBefore({
      ...measured,
      split: { train: measured.split.train, test: measured.split.train },
    });
    return new Map(
      log.userIds.map((id, user) => {
        const allowed = set.available.slice();
        for (const item of bought.get(user) ?? []) allowed[item] = 0;
        const { interactions = [] } = known.get(user) ?? histories.get(user) ?? {};
        return [id, [...contestant.list({ user, interactions, allowed, most })]] as const;
      }),
    );
  });

/** And one who never did anything. */
const stranger = "nobody";
const asked = [...new Set(acts.map(({ user }) => user)), stranger];

const write = ({ item, time, type, user }: Act, n: number) => ({
  key: user,
  value: encodeEvent({
    eventId: `e${n}`,
    userId: user,
    itemId: item,
    eventType: defaultEventTypes.names[type]!,
    timestamp: time,
    quantity: 1,
  }),
});

const listAt = (base: string, user: string, query: string) =>
  Effect.promise(async () => {
    const answer = (await (await fetch(`${base}/recommend/${user}${query}`)).json()) as {
      readonly recommendations: ReadonlyArray<{ readonly item_idx: number }>;
    };
    return { user, list: answer.recommendations.map(({ item_idx }) => item_idx) };
  });

const settings = { ALS_RANK: "16", ALS_ITERATIONS: "4", PARTITIONS: "3" };

it.live(
  "for 1,000 shoppers, by every learner, at the default k and another",
  () =>
    inFolder(
      (folder) =>
        Effect.gen(function* () {
          const rows = before.map(({ item, time, type, user }) =>
            [user, item, defaultEventTypes.names[type], time].join(","),
          );
          const events = yield* folder.write("events.csv", ["user,item,type,time", ...rows].join("\n"));
          yield* importEvents({ events, user: "user", item: "item", type: "type", timestamp: "time" });
          yield* preprocess;
          const made = (LEARNER: LearnerName) =>
            Effect.withConfigProvider(
              trainModel,
              ConfigProvider.fromMap(new Map(Object.entries({ ...settings, LEARNER }))),
            );
          const models = yield* Effect.forEach(["blend", "ema", "fold-in"] as const, made);
          yield* Effect.flatMap(EventLog, (log) => log.append(after.map(write)));
          const { address } = yield* HttpServer.HttpServer;
          const base = address._tag === "TcpAddress" ? `http://127.0.0.1:${address.port}` : "";
          for (const model of models) {
            yield* loadModel(model);
            yield* useModel(model.id);
            const { changes } = yield* ServingModel;
            yield* Stream.runDrain(Stream.takeUntil(changes, (serving) => serving?.model === model.id));
            expect(model.items).toBe(departments * perDepartment);
            for (const [k, query] of [
              [10, ""],
              [33, "?k=33"],
            ] as const) {
              const wanted = yield* evaluatedLists(model, k);
              const found = yield* Effect.forEach(asked, (user) => listAt(base, user, query), { concurrency: 8 });
              expect(found.length).toBeGreaterThan(1_000);
              expect(found.every(({ list }) => list.length === k)).toBe(true);
              const differ = found.filter(({ list, user }) => String(list) !== String(wanted.get(user)));
              const told = differ.slice(0, 3).map(({ list, user }) => ({ user, list, wanted: wanted.get(user) }));
              expect(told, `${model.learning?.learner}: ${differ.length} lists differ`).toEqual([]);
            }
          }
          expect(models.map(({ learning }) => learning?.learner)).toEqual(["blend", "ema", "fold-in"]);
        }).pipe(Effect.provide(Layer.provideMerge(Server.layer, Layer.merge(NodeServer.layer(http), Embedded.stores)))),
      { ...settings, PORT: "0", EXPLORE_SHARE: "0" },
    ),
  180_000,
);
