/**
 * Generate: writes a seeded shop in the H&M format: transactions_train.csv, articles.csv and customers.csv.
 *
 * The same options give the same bytes. Memory grows with customers and articles, not with transactions. Files are
 * written under temporary names and renamed when all are complete, transactions last.
 */
import { randomUUID } from "node:crypto";
import { FileSystem, Path } from "@effect/platform";
import type { PlatformError } from "@effect/platform/Error";
import { Clock, Effect, Option, Schema, type Scope } from "effect";
import { makeRandom } from "../kernels/Random.ts";
import { Progress, type Task } from "../ports/Progress.ts";
import { makeAssortment } from "./Assortment.ts";
import { makeCalendar } from "./Calendar.ts";
import { makeClientele } from "./Clientele.ts";
import { makeSales } from "./Sales.ts";
import {
  articleColumns,
  customerColumns,
  header,
  makeArticleLines,
  makeCustomerLines,
  makeTransactionRows,
  transactionColumns,
} from "./ShopFiles.ts";

export interface ShopOptions {
  /** Folder of the three files; made where it is missing. */
  readonly folder: string;
  readonly seed: number;
  readonly customers: number;
  readonly articles: number;
  readonly transactions: number;
  /** Days that the transactions are spread over, up to `until`. */
  readonly days: number;
  /** The last of them, in days since 1970-01-01. */
  readonly until: number;
  /** False: fails where there already are transactions, which may be a real shop's. */
  readonly overwrite: boolean;
}

export interface ShopSummary {
  readonly folder: string;
  readonly customers: number;
  readonly articles: number;
  readonly transactions: number;
  readonly firstDay: string;
  readonly lastDay: string;
  readonly bytes: number;
}

export class GenerateError extends Schema.TaggedError<GenerateError>()("GenerateError", {
  /** Full: no space left. ReadOnly: not writable. Exists: would be overwritten. Size: a number out of its range. Day: not over yet. */
  reason: Schema.Literal("Full", "ReadOnly", "Exists", "Size", "Day", "Io"),
  path: Schema.String,
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}

/** The sizes to choose from: a quick sample, or as large as the H&M files. */
export const scales = {
  sample: { customers: 20_000, articles: 5_000, transactions: 600_000 },
  hm: { customers: 1_371_980, articles: 105_542, transactions: 31_788_324 },
} as const;
export type Scale = keyof typeof scales;

const chunkBytes = 1 << 20;
const limits = { customers: 100_000_000, articles: 500_000, transactions: 10_000_000_000, days: 7_300 } as const;

const checked = (options: ShopOptions): Effect.Effect<void, GenerateError> => {
  for (const name of ["customers", "articles", "transactions", "days"] as const) {
    const value = options[name];
    if (!Number.isSafeInteger(value) || value < 1 || value > limits[name]) {
      const message = `${name} is ${value}; give a whole number from 1 to ${limits[name]}`;
      return Effect.fail(new GenerateError({ reason: "Size", path: options.folder, message }));
    }
  }
  return Effect.void;
};

const failure = (path: string, error: PlatformError): GenerateError => {
  const cause: unknown = error.cause;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") {
    const message = `no space left to write ${path}; free some, choose a smaller --scale, or another DATA_DIR`;
    return new GenerateError({ reason: "Full", path, message, cause: error });
  }
  if (code === "EROFS" || code === "EACCES" || code === "EPERM") {
    const message = `${path} is not writable (${code}); change its permissions, or set DATA_DIR to a folder that is`;
    return new GenerateError({ reason: "ReadOnly", path, message, cause: error });
  }
  return new GenerateError({ reason: "Io", path, message: `cannot write ${path}: ${error.message}`, cause: error });
};

const vacant = (path: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    if (!(yield* Effect.orElseSucceed(fs.exists(path), () => false))) return;
    const message = `${path} exists and may be a real shop's; choose another DATA_DIR, or pass --overwrite`;
    return yield* new GenerateError({ reason: "Exists", path, message });
  });

interface Part {
  /** Fills the buffer; 0 bytes at the end. */
  readonly fill: (buffer: Buffer) => { readonly bytes: number; readonly rows: number };
  readonly head: string;
}

/** Lines of at most 16 KiB, asked for in order. */
const byLine = (columns: ReadonlyArray<string>, count: number, lineOf: (i: number) => string): Part => {
  let next = 0;
  return {
    head: header(columns),
    fill: (buffer) => {
      let bytes = 0;
      let rows = 0;
      for (; next < count && buffer.length - bytes > 16_384; next++, rows++) {
        bytes += buffer.write(lineOf(next), bytes, "latin1");
      }
      return { bytes, rows };
    },
  };
};

const writePart = (path: string, part: Part, task: Task) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const file = yield* fs.open(path, { flag: "w" });
    const buffer = Buffer.alloc(chunkBytes);
    let bytes = buffer.write(part.head, "latin1");
    yield* file.writeAll(buffer.subarray(0, bytes));
    for (;;) {
      const filled = part.fill(buffer);
      if (filled.bytes === 0) break;
      yield* file.writeAll(buffer.subarray(0, filled.bytes));
      bytes += filled.bytes;
      task.advance(filled.rows);
    }
    yield* file.sync;
    return bytes;
  }).pipe(
    Effect.scoped,
    Effect.mapError((error) => failure(path, error)),
  );

/** What a process that was killed left is of no use to anybody; another may be writing what is younger. */
const leftoverMillis = 86_400_000;

const removeLeftovers = (folder: string, names: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const path = yield* Path.Path;
    const now = yield* Clock.currentTimeMillis;
    for (const name of yield* fs.readDirectory(folder)) {
      if (!name.endsWith(".part") || !names.some((own) => name.startsWith(own))) continue;
      const file = path.join(folder, name);
      const changed = Option.getOrUndefined((yield* fs.stat(file)).mtime)?.getTime() ?? now;
      if (now - changed >= leftoverMillis) yield* fs.remove(file);
    }
  }).pipe(Effect.ignore);

/** A temporary name beside `path`, of this process alone, removed when the scope closes unless it was renamed by then. */
const temporary = (path: string): Effect.Effect<string, never, FileSystem.FileSystem | Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => `${path}.${randomUUID()}.part`),
    (name) => Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.ignore(fs.remove(name, { force: true }))),
  );

export const generateShop = (
  options: ShopOptions,
): Effect.Effect<ShopSummary, GenerateError, FileSystem.FileSystem | Path.Path | Progress> =>
  Effect.gen(function* () {
    yield* checked(options);
    const fs = yield* FileSystem.FileSystem;
    const path = yield* Path.Path;
    const { folder, seed, days, transactions, until } = options;
    if (!options.overwrite) yield* vacant(path.join(folder, "transactions_train.csv"));
    yield* fs.makeDirectory(folder, { recursive: true }).pipe(Effect.mapError((error) => failure(folder, error)));
    const assortment = makeAssortment(options);
    const stocked = new Set(assortment.department);
    const clientele = makeClientele({ ...options, stocked: (department) => stocked.has(department) });
    const calendar = makeCalendar({ days, until, transactions, random: makeRandom(seed, "calendar") });
    const sales = makeSales({ assortment, clientele, calendar, seed });
    const parts: ReadonlyArray<readonly [string, Part]> = [
      ["articles.csv", byLine(articleColumns, options.articles, makeArticleLines(assortment, seed))],
      ["customers.csv", byLine(customerColumns, options.customers, makeCustomerLines(clientele, seed))],
      [
        "transactions_train.csv",
        { head: header(transactionColumns), ...makeTransactionRows({ assortment, calendar, sales, seed }) },
      ],
    ];
    yield* removeLeftovers(
      folder,
      parts.map(([name]) => name),
    );
    const progress = yield* Progress;
    const total = options.articles + options.customers + options.transactions;
    const task = yield* progress.task({ label: "generate", unit: "rows", total });
    let bytes = 0;
    const renames: Array<readonly [string, string]> = [];
    for (const [name, part] of parts) {
      const target = path.join(folder, name);
      const unfinished = yield* temporary(target);
      bytes += yield* writePart(unfinished, part, task);
      renames.push([unfinished, target]);
    }
    yield* Effect.uninterruptible(
      Effect.forEach(
        renames,
        ([from, to]) => fs.rename(from, to).pipe(Effect.mapError((error) => failure(to, error))),
        { discard: true },
      ),
    );
    const { customers, articles } = options;
    return {
      folder,
      customers,
      articles,
      transactions,
      firstDay: calendar.date(0),
      lastDay: calendar.date(days - 1),
      bytes,
    };
  }).pipe(Effect.scoped);
