/**
 * What it costs to hold few items of one product in a list: `npm run bench -- variants --days 7`. The blend's lists for the shoppers
 * of the made-up shop's last days, prequentially, as they are and with at most so many items of a product (`variants`): NDCG@20 with
 * its 95 % interval over shoppers, what is lost with a paired one, and how many of 20 items are a further one of their product.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Effect, Layer } from "effect";
import * as Live from "../../layers/Live.ts";
import { make as makeSql } from "../../layers/Sql/DuckDb.ts";
import { layerAt } from "../../layers/Tables/Local.ts";
import { make as makeTrainer } from "../../layers/Trainer/Threads.ts";
import { eachItemRow } from "../../src/datasets/ItemRows.ts";
import { itemsFile } from "../../src/datasets/ItemsFile.ts";
import { type ItemMetadata, itemMetadataFields } from "../../src/domain/Item.ts";
import { byBlend, type Listing } from "../../src/evaluation/Contestant.ts";
import { countFollowers } from "../../src/evaluation/FollowerCounts.ts";
import type { Shop } from "../../src/evaluation/LiveShop.ts";
import { readInteractions } from "../../src/evaluation/ReadInteractions.ts";
import { replay } from "../../src/evaluation/Replay.ts";
import { meanNdcg, ndcgGain } from "../../src/evaluation/Scores.ts";
import { splitByDays } from "../../src/evaluation/Split.ts";
import { makeTrainingSet } from "../../src/evaluation/TrainingSet.ts";
import { blendConstants } from "../../src/learning/Blend.ts";
import { selected } from "../../src/learning/Stages.ts";
import { Progress } from "../../src/ports/Progress.ts";
import { Sql } from "../../src/ports/Sql.ts";
import type { Candidate } from "../../src/serving/recommend/Candidate.ts";
import { atMostVariants, withVariants } from "../../src/serving/recommend/Variants.ts";

const { values } = parseArgs({ options: { days: { type: "string", default: "7" } } });
const measuring = {
  split: "time",
  days: Number(values.days),
  fraction: 0.8,
  k: 12,
  maxUsers: 1_000_000,
  repeats: false,
  popularDays: 30,
  learner: "blend",
  rate: 0.2,
  decay: 0.7,
  blend: blendConstants,
  metric: "cosine",
  debounceSeconds: 300,
  seed: 42,
} as const;
const longest = 20;
const limits = [0, 3, 2, 1];
const main = new URL("../main.js", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "slipstream-variants-"));

const measured = Effect.gen(function* () {
  const log = yield* Effect.scoped(readInteractions);
  const split = splitByDays(log, Number(values.days));
  const set = makeTrainingSet(log, split.train);
  const model = { rank: 32, regularization: 0.01, alpha: 1, iterations: 15, seed: 42 };
  const trained = yield* makeTrainer(2).train(set, model, () => undefined);
  const nothing = Object.fromEntries(itemMetadataFields.map((field) => [field, ""])) as ItemMetadata;
  const named = new Map<string, ItemMetadata>();
  yield* eachItemRow((yield* itemsFile()) ?? 0, (id, fields) => {
    const { title = "", "attributes.product_type_name": type = "" } = fields();
    named.set(id, { ...nothing, prod_name: String(title), product_type_name: String(type) });
  });
  const metadata = Array.from(set.itemOf, (item) => named.get(log.itemIds[item]!) ?? nothing);
  const served = { metadata: (row: number) => ({ ...metadata[row]!, item_id: metadata[row]!.article_id }) };
  const candidateOf = (row: number): Candidate => ({ itemIdx: row, row, source: "personalized", score: 0 });
  const further = limits.map(() => 0);
  let lists = 0;
  const limited = (blend: Listing, most: number, place: number): Listing => {
    const list: Listing["list"] = (ask) => {
      const own = Array.from(blend.list({ ...ask, most: withVariants(ask.most, most) }), candidateOf);
      const idOf = ({ itemIdx }: Candidate): number => itemIdx;
      const bound = atMostVariants(most, served);
      const chosen = selected(ask.most, { own, popular: [], rest: [] }, () => true, idOf, bound);
      const once = atMostVariants(1, served);
      for (const one of chosen) {
        if (once.isOneTooMany(one)) further[place]++;
        once.took(one);
      }
      if (place === 0) lists++;
      return Uint32Array.from(chosen, idOf);
    };
    return { name: String(most), list, rank: (ask) => list(ask).indexOf(ask.row) + 1 || Number.POSITIVE_INFINITY };
  };
  const lineup = (shop: Shop): ReadonlyArray<Listing> => {
    const blend = byBlend("blend", shop, shop.counted, blendConstants);
    return limits.map((most, place) => limited(blend, most, place));
  };
  const input = {
    log,
    split,
    set,
    factors: { rank: model.rank, ...trained },
    followers: countFollowers(log, split.train, set),
    users: new Set(Array.from(split.test, (at) => log.user[at]!)),
    parameters: { ...measuring, model },
  };
  const task = yield* (yield* Progress).task({
    label: "stream the test part",
    unit: "events",
    total: split.test.length,
  });
  const replayed = yield* replay(input, lineup, longest, task);
  console.log(`${replayed.events} events of ${replayed.shoppers} shoppers, the last ${values.days} days`);
  limits.forEach((most, place) => {
    const { margin, mean } = meanNdcg(replayed, place, longest);
    const gain = ndcgGain(replayed, place, 0, longest);
    const name = most === 0 ? "no limit" : `variants=${most}`;
    console.log(
      `${name.padEnd(12)} NDCG@20 ${mean.toFixed(4)} ± ${margin.toFixed(4)}  against no limit ${gain.mean.toFixed(4)} ± ${gain.margin.toFixed(4)}  ` +
        `${(further[place]! / lists).toFixed(2)} of 20 items are a further one of their product`,
    );
  });
}).pipe(Effect.scoped);

try {
  for (const words of [["generate"], ["batch", "csv-to-delta"]]) {
    const { status, stderr } = spawnSync(process.execPath, [main, ...words, "--data-dir", folder], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(stderr);
  }
  const sql = Layer.succeed(Sql, makeSql({ threads: 2, memoryMiB: 1024, spillFolder: join(folder, "spill") }));
  const services = Layer.mergeAll(layerAt(join(folder, "delta")), sql, Progress.layerSilent, Live.forgotten);
  await Effect.runPromise(Effect.provide(measured, services));
} finally {
  rmSync(folder, { recursive: true });
}
