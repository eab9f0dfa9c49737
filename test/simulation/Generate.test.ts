import { createHash } from "node:crypto";
import { FileSystem, Path } from "@effect/platform";
import { SystemError } from "@effect/platform/Error";
import * as NodeContext from "@effect/platform-node/NodeContext";
import { describe, expect, it } from "@effect/vitest";
import { parse } from "csv-parse/sync";
import { Effect, Exit, Layer } from "effect";
import { parseDay } from "../../src/domain/Day.ts";
import { Progress } from "../../src/ports/Progress.ts";
import { generateShop, type ShopOptions } from "../../src/simulation/Generate.ts";

/** The headers of the H&M files. */
const headers: Readonly<Record<string, string>> = {
  "transactions_train.csv": "t_dat,customer_id,article_id,price,sales_channel_id",
  "articles.csv":
    "article_id,product_code,prod_name,product_type_no,product_type_name,product_group_name,graphical_appearance_no," +
    "graphical_appearance_name,colour_group_code,colour_group_name,perceived_colour_value_id," +
    "perceived_colour_value_name,perceived_colour_master_id,perceived_colour_master_name,department_no," +
    "department_name,index_code,index_name,index_group_no,index_group_name,section_no,section_name," +
    "garment_group_no,garment_group_name,detail_desc",
  "customers.csv": "customer_id,FN,Active,club_member_status,fashion_news_frequency,age,postal_code",
};
const names = Object.keys(headers);

const until = parseDay("2020-09-22")!;
const small = { seed: 7, customers: 1_500, articles: 900, transactions: 40_000, days: 734, until, overwrite: true };

const live = Layer.merge(NodeContext.layer, Progress.layerSilent);

const inFolder = <A, E, R>(use: (folder: string) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    return yield* use(yield* fs.makeTempDirectoryScoped());
  }).pipe(Effect.scoped, Effect.provide(live));

const filesOf = (options: Omit<ShopOptions, "folder">) =>
  inFolder((folder) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem;
      yield* generateShop({ ...options, folder });
      expect((yield* fs.readDirectory(folder)).toSorted()).toEqual(names.toSorted());
      return yield* Effect.forEach(names, (name) => fs.readFileString(`${folder}/${name}`));
    }),
  );

type Row = Readonly<Record<string, string>>;
const shop = await Effect.runPromise(
  filesOf(small).pipe(
    Effect.map((files) => {
      const [transactions, articles, customers] = files.map((text) => parse(text, { columns: true }) as Array<Row>);
      return { files, transactions: transactions!, articles: articles!, customers: customers! };
    }),
  ),
);
const article = new Map(shop.articles.map((row) => [row.article_id!, row]));
const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((a, b) => a + b, 0);

describe("generate", () => {
  it("writes the columns and the counts asked for", () => {
    shop.files.forEach((text, i) => {
      expect(text.slice(0, text.indexOf("\n"))).toBe(headers[names[i]!]);
    });
    expect(shop.transactions.length).toBe(small.transactions);
    expect(shop.articles.length).toBe(small.articles);
    expect(shop.customers.length).toBe(small.customers);
  });

  it.effect("gives the same bytes for a seed, and others for another", () =>
    Effect.gen(function* () {
      const size = { customers: 50, articles: 120, transactions: 2_000, days: 60, until, overwrite: false };
      const hash = (seed: number) =>
        Effect.map(filesOf({ ...size, seed }), (files) =>
          files.map((f) => createHash("sha256").update(f).digest("hex")),
        );
      const [one, again, other] = [yield* hash(1), yield* hash(1), yield* hash(2)];
      expect(again).toEqual(one);
      one.forEach((digest, i) => {
        expect(other[i]).not.toBe(digest);
      });
    }),
  );

  it("refers only to articles and customers that exist, each listed once, in ids of the right form", () => {
    const customers = new Set(shop.customers.map((row) => row.customer_id));
    expect(customers.size).toBe(small.customers);
    expect(article.size).toBe(small.articles);
    for (const id of customers) expect(id).toMatch(/^[0-9a-f]{64}$/);
    for (const row of shop.articles) {
      expect(row.article_id).toMatch(/^0\d{9}$/);
      expect(row.article_id!.slice(1, 7)).toBe(row.product_code);
    }
    const wrong = shop.transactions.filter(
      (row) =>
        !customers.has(row.customer_id) ||
        !article.has(row.article_id!) ||
        !(Number(row.price) > 0 && Number(row.price) < 1) ||
        !["1", "2"].includes(row.sales_channel_id!),
    );
    expect(wrong).toEqual([]);
  });

  it("sorts by date from the first to the last day", () => {
    const dates = shop.transactions.map((row) => row.t_dat!);
    expect(dates.toSorted()).toEqual(dates);
    expect(dates[0]).toBe("2018-09-20");
    expect(dates.at(-1)).toBe("2020-09-22");
  });

  it.effect("ends on the day asked for, and is as busy as its weekdays are", () =>
    Effect.gen(function* () {
      const size = { seed: 3, customers: 300, articles: 200, transactions: 20_000, days: 203, overwrite: false };
      // A Monday, so that the shop covers 29 whole weeks.
      const [text] = yield* filesOf({ ...size, until: parseDay("2026-11-23")! });
      const rows = parse(text!, { columns: true }) as Array<Row>;
      expect(rows[0]!.t_dat).toBe("2026-05-05");
      expect(rows.at(-1)!.t_dat).toBe("2026-11-23");
      const byWeekday = new Array<number>(7).fill(0);
      for (const { t_dat } of rows) byWeekday[new Date(t_dat!).getUTCDay()]! += 1;
      expect(Math.max(...byWeekday)).toBe(byWeekday[6]);
      expect(Math.min(...byWeekday)).toBe(byWeekday[1]);
    }),
  );

  it("holds what the original holds: empty cells, quoted text, identical rows, purchases repeated", () => {
    for (const column of ["FN", "Active", "club_member_status", "age"]) {
      expect(shop.customers.some((row) => row[column] === "")).toBe(true);
      expect(shop.customers.some((row) => row[column] !== "")).toBe(true);
    }
    expect(shop.articles.some((row) => row.detail_desc!.includes('"'))).toBe(true);
    expect(shop.articles.some((row) => row.detail_desc!.includes(","))).toBe(true);
    const rows = new Set(shop.transactions.map((row) => Object.values(row).join()));
    const pairs = new Set(shop.transactions.map((row) => `${row.customer_id} ${row.article_id}`));
    expect(rows.size).toBeLessThan(0.97 * small.transactions);
    expect(rows.size).toBeGreaterThan(0.8 * small.transactions);
    expect(pairs.size).toBeLessThan(rows.size);
  });

  it("gives each code one name", () => {
    for (const [code, name] of [
      ["product_type_no", "product_type_name"],
      ["graphical_appearance_no", "graphical_appearance_name"],
      ["colour_group_code", "colour_group_name"],
      ["department_no", "department_name"],
      ["index_code", "index_name"],
      ["section_no", "section_name"],
      ["garment_group_no", "garment_group_name"],
    ] as const) {
      const seen = new Map<string, string>();
      for (const row of shop.articles) {
        expect(seen.get(row[code]!) ?? row[name]).toBe(row[name]);
        seen.set(row[code]!, row[name]!);
      }
      expect(new Set(seen.values()).size).toBe(seen.size);
    }
  });

  it("sells few articles and serves few customers often, most seldom", () => {
    for (const [column, top] of [
      ["article_id", 0.3],
      ["customer_id", 0.3],
    ] as const) {
      const counts = new Map<string, number>();
      for (const row of shop.transactions) counts.set(row[column]!, (counts.get(row[column]!) ?? 0) + 1);
      const sorted = [...counts.values()].sort((a, b) => b - a);
      const tenth = sum(sorted.slice(0, Math.ceil(sorted.length / 10))) / small.transactions;
      expect(tenth).toBeGreaterThan(top);
      expect(tenth).toBeLessThan(0.8);
    }
  });

  it("sells coats, scarves and gloves in winter and swimwear in summer", () => {
    const share = (months: ReadonlyArray<string>, is: (row: Row) => boolean) => {
      const rows = shop.transactions.filter((row) => months.includes(row.t_dat!.slice(5, 7)));
      return rows.filter((row) => is(article.get(row.article_id!)!)).length / rows.length;
    };
    const coats = (row: Row) => ["Coat", "Scarf", "Gloves", "Hat/beanie"].includes(row.product_type_name!);
    const swimwear = (row: Row) => row.product_group_name === "Swimwear";
    const winter = ["12", "01"];
    const summer = ["06", "07"];
    expect(share(winter, coats)).toBeGreaterThan(2 * share(summer, coats));
    expect(share(summer, swimwear)).toBeGreaterThan(3 * share(winter, swimwear));
  });

  it("brings new articles and lets old ones fade", () => {
    const sold = (from: string, to: string) =>
      new Set(shop.transactions.filter(({ t_dat }) => t_dat! >= from && t_dat! < to).map((row) => row.article_id));
    const early = sold("2018-09-20", "2018-12-20");
    const late = sold("2020-06-20", "2020-09-23");
    const kept = [...early].filter((id) => late.has(id)).length;
    expect(kept).toBeGreaterThan(0.2 * early.size);
    expect(kept).toBeLessThan(0.8 * early.size);
    expect(late.size - kept).toBeGreaterThan(0.2 * late.size);
  });

  it("has customers with tastes of their own: what comes next is of a department bought before, far above chance", () => {
    const before = new Map<string, Set<string>>();
    const visits = new Map<string, string>();
    const next: Array<readonly [string, string]> = [];
    for (const { customer_id, article_id, t_dat } of shop.transactions) {
      const department = article.get(article_id!)!.department_no!;
      const known = before.get(customer_id!) ?? new Set();
      if (known.size > 0 && visits.get(customer_id!) !== t_dat && t_dat! >= "2020-06-01") {
        next.push([customer_id!, department]);
      }
      visits.set(customer_id!, t_dat!);
      before.set(customer_id!, known.add(department));
    }
    const own = next.filter(([customer, department]) => before.get(customer)!.has(department));
    // The same purchases dealt to other customers: the share that popularity and history lengths alone explain.
    const seen = next.map(([customer]) => before.get(customer)!);
    const dealt = next.filter(([, department], i) => seen[(i + 1) % seen.length]!.has(department));
    expect(own.length).toBeGreaterThan(1.8 * dealt.length);
  });

  it.effect("leaves neither files nor half of them when writing fails, and says what to do", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem;
        const full = new SystemError({
          reason: "Unknown",
          module: "FileSystem",
          method: "writeAll",
          cause: Object.assign(new Error("no space left on device"), { code: "ENOSPC" }),
        });
        let writes = 0;
        const limited = FileSystem.FileSystem.of({
          ...fs,
          open: (path, options) =>
            Effect.map(fs.open(path, options), (file) => ({
              ...file,
              sync: file.sync,
              writeAll: (bytes) => (++writes > 4 ? Effect.fail(full) : file.writeAll(bytes)),
            })),
        });
        const error = yield* generateShop({ ...small, folder }).pipe(
          Effect.provideService(FileSystem.FileSystem, limited),
          Effect.flip,
        );
        expect(error.reason).toBe("Full");
        expect(error.message).toContain(folder);
        expect(error.message).toContain("DATA_DIR");
        expect(yield* fs.readDirectory(folder)).toEqual([]);
      }),
    ),
  );

  it.effect("does not replace transactions unless told to", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem;
        const path = yield* Path.Path;
        const file = path.join(folder, "transactions_train.csv");
        yield* fs.writeFileString(file, "real");
        const error = yield* Effect.flip(generateShop({ ...small, folder, overwrite: false }));
        expect(error.reason).toBe("Exists");
        expect(yield* fs.readFileString(file)).toBe("real");
      }),
    ),
  );

  it.effect("makes the smallest of shops, and refuses sizes that are none", () =>
    Effect.gen(function* () {
      yield* filesOf({ seed: 0, customers: 1, articles: 1, transactions: 1, days: 1, until, overwrite: false });
      const refused = yield* Effect.exit(filesOf({ ...small, articles: 0 }));
      expect(Exit.isFailure(refused)).toBe(true);
    }),
  );
});
