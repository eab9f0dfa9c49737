/**
 * Shoppers: a shop's known customers and what they had to do with, read from its tables; any shop's, with or without
 * product types.
 */
import { Effect, Schema, Stream } from "effect";
import { saltedHash } from "../domain/Forgotten.ts";
import { rawArticles, rawTransactions } from "../domain/TableSchemas.ts";
import { hashText } from "../kernels/Random.ts";
import { Forgotten, type ForgottenError } from "../ports/Forgotten.ts";
import { type TableError, Tables } from "../ports/Tables.ts";

/** Items by index, shoppers by index. */
export interface Shoppers {
  readonly items: ReadonlyArray<string>;
  /** By item: what kind of thing it is; items of one kind share the number. */
  readonly kind: Uint32Array;
  readonly kinds: number;
  /** By item: demand, in which a day counts half as much as 60 days later. */
  readonly demand: Float64Array;
  readonly customers: ReadonlyArray<string>;
  /** By shopper: the newest items, oldest first, at least one, at most `historyLength`. */
  readonly histories: ReadonlyArray<ReadonlyArray<number>>;
}

export class ShoppersError extends Schema.TaggedError<ShoppersError>()("ShoppersError", {
  reason: Schema.Literal("NoCustomers"),
  message: Schema.String,
}) {}

export const historyLength = 32;
const halfLife = 60;

/** Numbers texts from 0 in the order they come. */
const makeNumbering = () => {
  const names: Array<string> = [];
  const numbers = new Map<string, number>();
  const numberOf = (name: string): number => {
    let number = numbers.get(name);
    if (number === undefined) {
      number = names.push(name) - 1;
      numbers.set(name, number);
    }
    return number;
  };
  return { names, numberOf, find: (name: string) => numbers.get(name) };
};

interface Kept {
  readonly hash: number;
  readonly items: Array<number>;
}

/**
 * Keeps the customers of the smallest hashes, at most twice `most` at a time. Whoever is dropped never comes back, so the
 * histories of those who stay are complete.
 */
const makeSample = (most: number, seed: number) => {
  const kept = new Map<string, Kept>();
  let limit = Number.POSITIVE_INFINITY;
  const shrink = (): void => {
    if (kept.size <= most) return;
    const sorted = [...kept].sort(([, one], [, other]) => one.hash - other.hash);
    limit = sorted[most]![1].hash;
    for (const [id] of sorted.slice(most)) kept.delete(id);
  };
  return {
    add: (customer: string, item: number): void => {
      let entry = kept.get(customer);
      if (entry === undefined) {
        const hash = hashText(customer, seed);
        if (hash >= limit) return;
        entry = { hash, items: [] };
        kept.set(customer, entry);
        if (kept.size > 2 * most) shrink();
      }
      entry.items.push(item);
      if (entry.items.length > 2 * historyLength) entry.items.splice(0, historyLength);
    },
    take: (): ReadonlyMap<string, Kept> => {
      shrink();
      return kept;
    },
  };
};

/** Without whoever was ever forgotten: nobody acts in their name. */
const withoutForgotten = <A>(customers: ReadonlyMap<string, A>) =>
  Effect.gen(function* () {
    const { all, salt } = yield* Forgotten;
    const tombstones = new Set((yield* all).map(({ hash }) => hash));
    if (tombstones.size === 0) return customers;
    const itsSalt = yield* salt;
    return new Map([...customers].filter(([id]) => !tombstones.has(saltedHash(itsSalt, id))));
  });

/** At most `most` customers of raw/transactions: all, or a seeded sample. Memory is bounded by `most` and the articles. */
export const readShoppers = (options: {
  readonly most: number;
  readonly seed: number;
}): Effect.Effect<Shoppers, TableError | ShoppersError | ForgottenError, Tables | Forgotten> =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const items = makeNumbering();
    const demand: Array<number> = [];
    const sample = makeSample(options.most, options.seed);
    let firstDay: number | undefined;
    yield* tables.read(rawTransactions.name, { columns: ["t_dat", "customer_id", "article_id"] }).pipe(
      Stream.runForEach(({ rows, columns }) =>
        Effect.sync(() => {
          for (let row = 0; row < rows; row++) {
            const day = columns.t_dat![row] as number;
            firstDay ??= day;
            const item = items.numberOf(columns.article_id![row] as string);
            demand[item] = (demand[item] ?? 0) + 2 ** ((day - firstDay) / halfLife);
            sample.add(columns.customer_id![row] as string, item);
          }
        }),
      ),
      Effect.catchIf(
        (error) => error.reason === "NotFound",
        () => Effect.void,
      ),
    );
    const kept = yield* withoutForgotten(sample.take());
    if (kept.size === 0) {
      const message =
        "there are no customers to act: raw/transactions is missing or empty; run `generate` or `import`, then `batch`";
      return yield* new ShoppersError({ reason: "NoCustomers", message });
    }
    const kinds = makeNumbering();
    const kind = new Uint32Array(items.names.length).fill(kinds.numberOf(""));
    yield* tables.read(rawArticles.name, { columns: ["article_id", "product_type_name", "product_group_name"] }).pipe(
      Stream.runForEach(({ rows, columns }) =>
        Effect.sync(() => {
          for (let row = 0; row < rows; row++) {
            const item = items.find(columns.article_id![row] as string);
            const name = columns.product_type_name![row] ?? columns.product_group_name![row] ?? "";
            if (item !== undefined) kind[item] = kinds.numberOf(name as string);
          }
        }),
      ),
      Effect.catchIf(
        (error) => error.reason === "NotFound",
        () => Effect.void,
      ),
    );
    return {
      items: items.names,
      kind,
      kinds: kinds.names.length,
      demand: Float64Array.from(demand),
      customers: [...kept.keys()],
      histories: [...kept.values()].map((entry) => entry.items.slice(-historyLength)),
    };
  });
