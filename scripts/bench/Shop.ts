/** Shop: made-up shops of a share of the H&M size, and new events of theirs, for benchmarks. */
import { join } from "node:path";
import { Effect, Stream } from "effect";
import { make } from "../../layers/Tables/Local.ts";
import { readIds } from "../../src/datasets/StoredIds.ts";
import { archiveAppId, itemMap, rawEvents, userMap } from "../../src/domain/TableSchemas.ts";
import { Tables } from "../../src/ports/Tables.ts";

const full = { customers: 1_371_980, articles: 105_542, transactions: 31_788_324 };

export interface Sizes {
  readonly customers: number;
  readonly articles: number;
  readonly transactions: number;
}

/** `share` of the H&M files. */
export const sizesOf = (share: number): Sizes => ({
  customers: Math.round(full.customers * share),
  articles: Math.round(full.articles * share),
  transactions: Math.round(full.transactions * share),
});

/** Arguments of the program that make the shop's files in `folder`. */
export const generating = ({ articles, customers, transactions }: Sizes, seed: string, folder: string): Array<string> =>
  [
    ["generate", "--seed", seed, "--customers", customers, "--articles", articles],
    ["--transactions", transactions, "--data-dir", folder],
  ].flatMap((words) => words.map(String));

/** Events of shoppers and items that are known, as the archiver would have written them. */
export const appendEvents = (data: string, count: number) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const [users, items] = yield* Effect.all([readIds(userMap), readIds(itemMap)]);
    const now = Date.now() / 1000;
    const at = <A>(all: ReadonlyArray<A>, i: number): A => all[(Math.imul(i, 2_654_435_761) >>> 0) % all.length] as A;
    const column = <A>(of: (i: number) => A): Array<A> => Array.from({ length: count }, (_, i) => of(i));
    yield* tables.append(
      rawEvents.name,
      rawEvents.schema,
      Stream.make({
        rows: count,
        columns: {
          t_dat: column(() => Math.floor(now / 86_400)),
          customer_id: column((i) => at(users, 2 * i)),
          article_id: column((i) => at(items, 2 * i + 1)),
          price: column(() => null),
          sales_channel_id: column(() => 2),
          event_type: column((i) => ["click", "add_to_cart", "purchase"][i % 3]),
          timestamp: column((i) => now - 86_400 * (1 - i / count)),
          quantity: column(() => 1),
          event_id: column((i) => `event ${i}`),
          user_idx: column(() => null),
          item_idx: column(() => null),
          log_partition: column(() => 0),
          log_offset: column((i) => BigInt(i)),
          arrived_at: column((i) => now - 86_400 * (1 - i / count)),
          log_id: column(() => "bench"),
          recommendation_id: column(() => null),
        },
      }),
      [{ appId: archiveAppId("bench", 0), expected: undefined, next: BigInt(count) }],
    );
  }).pipe(Effect.provideServiceEffect(Tables, make(join(data, "delta"))));
