/**
 * Times recommendations by filters: `npm run bench -- filters --data FOLDER --requests 400 --rounds 6 --share 0.01`, embedded, in this
 * process, over a shop that `generate` and `batch` made in FOLDER. Prints microseconds of CPU and of wall per answer as JSON, alternated in each
 * round: without a filter; by filters none of which was asked before, which keep about that share of the items: pairs of texts, ranges of
 * numbers, one of several texts and no other; and by a few of those, again and again. `--priced`: puts a price on each item first.
 * `--changes N`: so many items change before each answer. `--only none,new,again`: these alone, to profile them.
 */
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { ConfigProvider, Effect, Layer, Logger, Stream } from "effect";
import * as Live from "../../layers/Live.ts";
import * as Sql from "../../layers/Sql/DuckDb.ts";
import * as Tables from "../../layers/Tables/Local.ts";
import { fill } from "../../src/catalogue/filter/Fill.ts";
import { parseFilter } from "../../src/catalogue/filter/Filter.ts";
import { LiveCatalogue } from "../../src/catalogue/LiveCatalogue.ts";
import { programs } from "../../src/http/Server.ts";
import { makeRandom } from "../../src/kernels/Random.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { noFilters } from "../../src/serving/recommend/Query.ts";
import { Recommend } from "../../src/serving/recommend/Recommend.ts";
import { ServingModel } from "../../src/serving/ServingModel.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string", default: "data" },
    requests: { type: "string", default: "400" },
    rounds: { type: "string", default: "6" },
    share: { type: "string", default: "0.01" },
    changes: { type: "string", default: "0" },
    k: { type: "string", default: "10" },
    seed: { type: "string", default: "7" },
    priced: { type: "boolean", default: false },
    only: { type: "string", default: "none,new,again" },
  },
});
const [requests, rounds, k, changes] = [values.requests, values.rounds, values.k, values.changes].map(Number) as [
  number,
  number,
  number,
  number,
];
const share = Number(values.share);
/** Of those that are asked again: fewer than a process keeps. */
const kept = 16;
const random = makeRandom(Number(values.seed), "filters").uniform;
const below = (n: number): number => Math.floor(random() * n);

const environment = new Map([
  ...Object.entries(process.env).map(([name, text]) => [name, text ?? ""] as const),
  ["DATA_DIR", values.data] as const,
]);

/** Filters of three kinds, each of which keeps between half and one and a half times the share of the items. */
const filtersOf = ({ columns }: Pick<LiveCatalogue["Type"], "columns">, count: number) => {
  const names = [...columns.seen.keys()];
  const texts = names.flatMap((name) => {
    const column = columns.text(name);
    return column === undefined || column.texts.length > 5000 ? [] : [{ name, ...column }];
  });
  const numbers = names.flatMap((name) => {
    const column = columns.numbers(name);
    const sorted = column
      ?.slice(0, columns.size)
      .filter((value) => !Number.isNaN(value))
      .sort();
    return sorted === undefined || new Set(sorted).size < 3 / share ? [] : [{ name, sorted }];
  });
  const isText = (item: number): string => {
    const { codes, name, texts: all } = texts[below(texts.length)]!;
    return codes[item] === 0 ? `NOT ${name}:*` : `${name} = ${JSON.stringify(all[codes[item]!])}`;
  };
  const makers: Readonly<Record<string, () => string>> = {
    "pairs of texts": () => {
      const item = below(columns.size);
      return `${isText(item)} AND ${isText(item)}`;
    },
    "ranges of numbers": () => {
      const { name, sorted } = numbers[below(numbers.length)]!;
      const from = below(Math.floor(sorted.length * (1 - share)));
      return `${name} >= ${sorted[from]} AND ${name} < ${sorted[from + Math.floor(sorted.length * share)]}`;
    },
    "one of texts": () => {
      const any = Array.from({ length: 1 + below(3) }, () => isText(below(columns.size)));
      return `(${any.join(" OR ")}) AND NOT ${isText(below(columns.size))}`;
    },
  };
  const found = new Uint8Array(columns.size);
  return Object.entries(makers).flatMap(([kind, make]) => {
    const filters = new Set<string>();
    if (kind.startsWith("ranges") && numbers.length === 0) return [];
    for (let tries = 0; filters.size < count && tries < 200 * count; tries++) {
      const filter = make();
      const where = parseFilter(filter, columns.seen);
      if (where._tag === "Left") continue;
      fill(where.right, columns, found);
      const kept = found.reduce((sum, one) => sum + one, 0) / columns.size;
      if (kept >= share / 2 && kept <= 1.5 * share) filters.add(filter);
    }
    return [{ kind, filters: [...filters] }];
  });
};

const program = Effect.gen(function* () {
  const states = yield* UserStates;
  const live = yield* LiveCatalogue;
  const { recommend } = yield* Recommend;
  const { changes: models, current } = yield* ServingModel;
  yield* Stream.runDrain(Stream.takeUntil(models, (serving) => serving !== undefined));
  const serving = yield* current;
  const users = yield* states.userIdsOf(
    serving?.model ?? "",
    Array.from({ length: 2000 }, (_, i) => i),
  );
  const each = Math.ceil(requests / 3);
  if (values.priced) {
    const items = Array.from({ length: live.size() }, (_, itemIdx) => live.idOf(itemIdx) ?? "");
    for (let from = 0; from < items.length; from += 1000) {
      const fields = () => ({ "attributes.price": below(20_000) / 100, "attributes.weight": below(3000) });
      const patches = items
        .slice(from, from + 1000)
        .map((itemId) => ({ itemId, kind: "patch" as const, fields: fields() }));
      yield* live.change(patches);
    }
  }
  const kinds = filtersOf(live, each * (rounds + 1));
  console.log(
    `${serving?.catalogue.size()} items, learner ${serving?.blend === undefined ? "by vectors" : "blend"}, best ${k}, filters: ${kinds
      .map(({ filters, kind }) => `${filters.length} ${kind}`)
      .join(", ")}; Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model}`,
  );
  console.log(kinds.map(({ filters }) => `  e.g. ${filters[0]}`).join("\n"));
  const changeSome = Effect.suspend(() => {
    const patches = Array.from({ length: changes }, () => ({
      itemId: live.idOf(below(live.size())) ?? "",
      kind: "patch" as const,
      fields: { "attributes.rating": below(50) / 10 },
    }));
    return changes === 0 ? Effect.void : Effect.asVoid(live.change(patches));
  });

  const timed = (filters: ReadonlyArray<string | undefined>) =>
    Effect.gen(function* () {
      let [cpu, wall] = [0, 0];
      for (const filter of filters) {
        yield* changeSome;
        const user = users[below(users.length)] ?? null;
        const [begun, used] = [performance.now(), process.cpuUsage()];
        const answer = yield* recommend({ ...noFilters, user, k, filter });
        JSON.stringify(answer);
        const { system, user: own } = process.cpuUsage(used);
        cpu += system + own;
        wall += performance.now() - begun;
      }
      const { length } = filters;
      return `${(cpu / length).toFixed(0).padStart(5)} / ${((1000 * wall) / length).toFixed(0).padStart(5)}`;
    });

  const only = new Set(values.only.split(","));
  for (let round = 0; round <= rounds; round++) {
    const told: Array<string> = [];
    if (only.has("none")) told.push(`none ${yield* timed(Array.from({ length: requests }, () => undefined))}`);
    for (const { filters, kind } of kinds) {
      const own = filters.slice(round * each, (round + 1) * each);
      if (only.has("new")) told.push(`${kind} new ${yield* timed(own)}`);
      const few = own.slice(-kept);
      if (only.has("again")) told.push(`again ${yield* timed(own.map((_, i) => few[i % few.length]))}`);
    }
    console.log(`${round === 0 ? "warm   " : `round ${round}`} ${told.join("  ")}`);
  }
});

await program.pipe(
  Effect.scoped,
  Effect.provide(Layer.provideMerge(programs, Layer.mergeAll(Live.stores, Live.storeFile, Tables.layer, Sql.layer))),
  Effect.provide(Logger.remove(Logger.defaultLogger)),
  Effect.provide(Layer.setConfigProvider(ConfigProvider.fromMap(environment))),
  Effect.runPromise,
);
