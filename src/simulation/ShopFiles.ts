/** ShopFiles: the rows of the three H&M files, as text. */
import { rawArticles, rawCustomers, type TableDefinition } from "../domain/TableSchemas.ts";
import { hashText, makeRandom, mix32 } from "../kernels/Random.ts";
import type { Assortment } from "./Assortment.ts";
import { typeOf } from "./Assortment.ts";
import type { Calendar } from "./Calendar.ts";
import type { Clientele } from "./Clientele.ts";
import { departments, segments } from "./Departments.ts";
import { description, productName } from "./ProductTexts.ts";
import type { Basket, Sales } from "./Sales.ts";
import { appearances, colours } from "./Taxonomy.ts";

/** What reading sets, or other shops' files have. */
const notInFiles = ["listed", "attributes", "available", "valid_from", "valid_until"];

/** The files have the columns of the raw tables, in their order, but for those. */
const columnsOf = ({ schema }: TableDefinition): ReadonlyArray<string> =>
  schema.map(({ name }) => name).filter((name) => !notInFiles.includes(name));

export const articleColumns = columnsOf(rawArticles);
export const customerColumns = columnsOf(rawCustomers);
export const transactionColumns = ["t_dat", "customer_id", "article_id", "price", "sales_channel_id"] as const;

/** A CSV line; cells with commas, quotes or line breaks are quoted. */
const line = (cells: ReadonlyArray<string | number>): string =>
  `${cells
    .map((cell) => (typeof cell === "string" && /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(",")}\n`;

export const header = (columns: ReadonlyArray<string>): string => line(columns);

export const articleId = (id: number): string => String(id).padStart(10, "0");

const hexDigits = Buffer.from("0123456789abcdef", "latin1");
const digestLength = 64;

/** Writes 64 hexadecimal digits; the first eight alone differ between any two numbers. */
const writeDigest = (seed: number, number: number, buffer: Buffer, start: number): void => {
  let at = start;
  for (let word = 0; word < digestLength / 8; word++) {
    const value = word === 0 ? mix32(number ^ mix32(seed)) : mix32(number + Math.imul(seed + word, 0x9e3779b9));
    for (let shift = 28; shift >= 0; shift -= 4) buffer[at++] = hexDigits[(value >>> shift) & 15]!;
  }
};

const digest = (seed: number, number: number): string => {
  const buffer = Buffer.alloc(digestLength);
  writeDigest(seed, number, buffer, 0);
  return buffer.toString("latin1");
};

const customerSeed = (seed: number): number => hashText("customer", seed | 0) ^ Math.floor(seed / 2 ** 32);

/** The id of the n-th customer of a seed's shop. */
export const customerId = (seed: number, customer: number): string => digest(customerSeed(seed), customer);

/** Lines of articles.csv by article, to be asked for in order. */
export const makeArticleLines = (assortment: Assortment, seed: number): ((article: number) => string) => {
  const random = makeRandom(seed, "wording");
  let product = -1;
  let name = "";
  return (i) => {
    const type = typeOf(assortment, i);
    const colour = colours[assortment.colour[i]!]!;
    const look = appearances[assortment.appearance[i]!]!;
    const department = departments[assortment.department[i]!]!;
    if (assortment.product[i] !== product) {
      product = assortment.product[i]!;
      name = productName(random, type);
    }
    const id = articleId(assortment.id[i]!);
    return line([
      id,
      String(Number(id.slice(0, 7))),
      name,
      type.no,
      type.name,
      type.group,
      look.no,
      look.name,
      colour.code,
      colour.name,
      ...colour.value,
      ...colour.master,
      department.no,
      department.name,
      department.index.code,
      department.index.name,
      department.index.groupNo,
      department.index.group,
      ...department.section,
      ...department.garment,
      description(random, type, colour, look),
    ]);
  };
};

/** Lines of customers.csv by customer, to be asked for in order. Many cells are empty, as in the original. */
export const makeCustomerLines = (clientele: Clientele, seed: number): ((customer: number) => string) => {
  const random = makeRandom(seed, "customers");
  const postcodes = Math.max(1, Math.ceil(clientele.count / 4));
  return (i) => {
    const { age, spread } = segments[clientele.segment[i]!]!;
    const news = random.chance(0.35);
    const active = news && random.chance(0.96);
    const years = Math.round(Math.min(99, Math.max(16, age + spread * random.normal())));
    const club = random.uniform();
    const status = club < 0.92 ? "ACTIVE" : club < 0.988 ? "PRE-CREATE" : club < 0.9955 ? "" : "LEFT CLUB";
    return line([
      customerId(seed, i),
      news ? "1.0" : "",
      active ? "1.0" : "",
      status,
      news ? (random.chance(0.998) ? "Regularly" : "Monthly") : random.chance(0.98) ? "NONE" : "",
      random.chance(0.012) ? "" : `${years}.0`,
      random.chance(0.09) ? digest(0, 0) : digest(0, 1 + random.below(postcodes)),
    ]);
  };
};

/** Bytes that the longest transaction takes, and more. */
export const longestTransaction = 160;

/** The H&M files' prices are scaled by this. */
const priceScale = 59_000;

export interface TransactionRows {
  /** Writes whole baskets into the buffer until it may not hold another; answers bytes and rows, 0 and 0 at the end. */
  readonly fill: (buffer: Buffer) => { readonly bytes: number; readonly rows: number };
}

export const makeTransactionRows = (options: {
  readonly assortment: Assortment;
  readonly calendar: Calendar;
  readonly sales: Sales;
  readonly seed: number;
}): TransactionRows => {
  const { assortment, calendar, sales, seed } = options;
  const ids = Buffer.alloc(assortment.count * 10);
  for (let i = 0; i < assortment.count; i++) ids.write(articleId(assortment.id[i]!), i * 10, "latin1");
  /** By price and channel, what a line ends with: `,PRICE,CHANNEL\n`. */
  const endings = new Map<number, Uint8Array>();
  const ending = (price: number, channel: number): Uint8Array => {
    const key = price * 4 + channel;
    let text = endings.get(key);
    if (text === undefined) {
      text = Buffer.from(`,${price / priceScale},${channel}\n`, "latin1");
      endings.set(key, text);
    }
    return text;
  };
  const idSeed = customerSeed(seed);
  let day = -1;
  /** `YYYY-MM-DD,CUSTOMER,` */
  const prefix = Buffer.alloc(11 + digestLength + 1, ",");
  const write = (basket: Basket, buffer: Buffer, start: number): number => {
    if (basket.day !== day) {
      day = basket.day;
      prefix.write(calendar.date(day), "latin1");
    }
    writeDigest(idSeed, basket.customer, prefix, 11);
    let at = start;
    for (let row = 0; row < basket.rows; row++) {
      buffer.set(prefix, at);
      at += prefix.length;
      const id = basket.articles[row]! * 10;
      for (let k = 0; k < 10; k++) buffer[at++] = ids[id + k]!;
      const end = ending(basket.prices[row]!, basket.channel);
      buffer.set(end, at);
      at += end.length;
    }
    return at;
  };
  return {
    fill: (buffer) => {
      let bytes = 0;
      let rows = 0;
      while (buffer.length - bytes > longestTransaction * 64) {
        const basket = sales.next();
        if (basket === undefined) break;
        bytes = write(basket, buffer, bytes);
        rows += basket.rows;
      }
      return { bytes, rows };
    },
  };
};
