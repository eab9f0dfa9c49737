/**
 * The catalogue: `npm run bench -- catalogue --items 1000000 --attributes 10 --puts 20000 --callers 64`, embedded, or, with
 * `--redis redis://host:port`, in an empty Redis.
 *
 * How many single changes a second are on disk before their answers, by one caller and by many; how long all items take to be
 * read by a process that has just started, and what memory that takes by itself, and in columns. `--folder` chooses the disk.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ConfigProvider, Effect, Layer, Stream } from "effect";
import * as Embedded from "../../layers/Catalogue/Embedded.ts";
import * as OnRedis from "../../layers/Catalogue/Redis.ts";
import { layerAt } from "../../layers/engines/lmdb/Store.ts";
import * as Client from "../../layers/engines/redis/Client.ts";
import { LiveCatalogue } from "../../src/catalogue/LiveCatalogue.ts";
import type { AttributeValue } from "../../src/domain/ItemRecord.ts";
import { Catalogue, type ItemChange } from "../../src/ports/Catalogue.ts";

const { values } = parseArgs({
  options: {
    items: { type: "string", default: "1000000" },
    attributes: { type: "string", default: "10" },
    puts: { type: "string", default: "20000" },
    callers: { type: "string", default: "64" },
    folder: { type: "string", default: tmpdir() },
    redis: { type: "string", default: "" },
    load: { type: "string", default: "" },
    live: { type: "boolean", default: false },
  },
});
const items = Number(values.items);
const attributes = Number(values.attributes);
const puts = Number(values.puts);
const callers = Number(values.callers);

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20).toLocaleString("en")} MiB`;
const tell = (name: string, figure: string): void => console.log(`${name.padEnd(44)} ${figure.padStart(14)}`);
const perSecond = (count: number, milliseconds: number): string =>
  `${Math.round((count * 1000) / milliseconds).toLocaleString("en")} /s`;

/** Strings of few values, strings of many, numbers, a boolean, a list, a time. */
const valueOf = (item: number, attribute: number): AttributeValue => {
  const draw = Math.imul(item + 1, 2_654_435_761 + attribute) >>> 0;
  const kinds: ReadonlyArray<() => AttributeValue> = [
    () => `group ${draw % 30}`,
    () => (draw % 10_000) / 100,
    () => `type ${draw % 500}`,
    () => draw % 2 === 0,
    () => [`tag ${draw % 40}`, `tag ${(draw >>> 8) % 40}`],
    () => new Date(1.6e12 + (draw % 1e6) * 1e5).toISOString(),
  ];
  return kinds[attribute % kinds.length]!();
};

const put = (item: number, price = item % 97): ItemChange => ({
  kind: "replace",
  itemId: String(100_000_000 + item),
  fields: {
    title: `Item number ${item}`,
    available: true,
    ...Object.fromEntries(Array.from({ length: attributes - 1 }, (_, i) => [`attributes.a${i}`, valueOf(item, i)])),
    "attributes.price": price,
  },
});

const fill = Effect.gen(function* () {
  const catalogue = yield* Catalogue;
  const began = performance.now();
  for (let from = 0; from < items; from += 1000) {
    yield* catalogue.change(Array.from({ length: Math.min(1000, items - from) }, (_, i) => put(from + i)));
  }
  tell("put, 1,000 items a call, 1 caller", perSecond(items, performance.now() - began));
});

/** Every put is of one item, and some are of new ones. */
const single = (count: number, fibers: number) =>
  Effect.gen(function* () {
    const catalogue = yield* Catalogue;
    let next = 0;
    let longest = 0;
    const began = performance.now();
    const caller = Effect.gen(function* () {
      while (next < count) {
        const item = Math.floor(Math.random() * items * 1.01);
        const started = performance.now();
        next++;
        yield* catalogue.change([put(item, Math.random())]);
        longest = Math.max(longest, performance.now() - started);
      }
    });
    yield* Effect.all(
      Array.from({ length: fibers }, () => caller),
      { concurrency: "unbounded", discard: true },
    );
    const rate = perSecond(count, performance.now() - began);
    tell(`put, single items, ${fibers} callers`, `${rate}  slowest ${longest.toFixed(0)} ms`);
  });

const load = Effect.gen(function* () {
  const before = process.memoryUsage().rss;
  const catalogue = yield* Catalogue;
  let [count, fields, peak] = [0, 0, before];
  const began = performance.now();
  yield* catalogue.changes(0).pipe(
    Stream.takeUntil(({ isLast }) => isLast),
    Stream.runForEach((page) =>
      Effect.sync(() => {
        count += page.items.length;
        for (const { record } of page.items) for (const _ in record?.fields) fields++;
        peak = Math.max(peak, process.memoryUsage().rss);
      }),
    ),
  );
  const milliseconds = performance.now() - began;
  tell(
    `all ${count.toLocaleString("en")} items, ${fields.toLocaleString("en")} fields`,
    perSecond(count, milliseconds),
  );
  tell("  which took", `${(milliseconds / 1000).toFixed(1)} s`);
  tell("  memory, the store's pages among it", `${mebibytes(before)} before, ${mebibytes(peak)} at most`);
});

/** As an API has them: in columns, with ids and what is for sale. */
const liveLoad = Effect.gen(function* () {
  const began = performance.now();
  const live = yield* LiveCatalogue;
  yield* live.whenReady;
  tell(
    `${live.size().toLocaleString("en")} items in columns, which took`,
    `${((performance.now() - began) / 1000).toFixed(1)} s`,
  );
  tell("  memory, the store's pages among it", mebibytes(process.memoryUsage().rss));
});

const settings = ConfigProvider.fromMap(new Map([["REDIS_URL", values.redis]]));
const client = Layer.provide(Client.layer, Layer.setConfigProvider(settings));

const onStore = (folder: string): Layer.Layer<Catalogue, unknown> =>
  values.redis === "" ? Layer.provide(Embedded.layer, layerAt(folder)) : Layer.provide(OnRedis.layer, client);

if (values.load === "") {
  const folder = mkdtempSync(join(values.folder, "slipstream-bench-"));
  try {
    await Effect.runPromise(
      Effect.all([fill, single(Math.ceil(puts / 20), 1), single(puts, callers)], { discard: true }).pipe(
        Effect.provide(onStore(folder)),
      ),
    );
    if (values.redis === "") tell("the store's file", mebibytes(statSync(join(folder, "data.mdb")).size));
    for (const how of [[], ["--live"]]) {
      const flags = ["--load", folder, "--redis", values.redis, ...how];
      spawnSync(process.execPath, [process.argv[1]!, ...flags], { stdio: "inherit" });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
} else {
  const loaded = values.live ? Effect.provide(liveLoad, LiveCatalogue.layer) : load;
  await Effect.runPromise(loaded.pipe(Effect.provide(onStore(values.load))));
}
