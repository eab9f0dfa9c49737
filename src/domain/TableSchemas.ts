/** TableSchemas: the name and the columns of every Delta table, relative to `$DATA_DIR/delta`. */
import { articleText } from "./ArticleText.ts";
import type { Field } from "./Columns.ts";

const required = (name: string, type: Field["type"]): Field => ({ name, type, nullable: false });
const optional = (name: string, type: Field["type"]): Field => ({ name, type, nullable: true });

/** Columns with ids of shoppers: no table's log has any of their values, since it outlives the rows. */
export const shopperColumns: ReadonlySet<string> = new Set(["customer_id"]);

export interface TableDefinition {
  readonly name: string;
  readonly schema: ReadonlyArray<Field>;
}

/** One row per piece bought; imports may also give a type, a time of day and a weight. */
export const rawTransactions: TableDefinition = {
  name: "raw/transactions",
  schema: [
    required("t_dat", "date"),
    required("customer_id", "string"),
    required("article_id", "string"),
    optional("price", "double"),
    optional("sales_channel_id", "integer"),
    /** Null: purchase. */
    optional("event_type", "string"),
    /** Unix seconds. Null: midnight UTC of t_dat. */
    optional("timestamp", "double"),
    /** Null: the weight of the type. Below 0: a return, which takes back what was bought. */
    optional("weight", "double"),
  ],
};

export const rawArticles: TableDefinition = {
  name: "raw/articles",
  schema: [
    required("article_id", "string"),
    ...articleText.map((name) => optional(name, "string")),
    /** True in every row that an items file gave; version 0.1.0 had no such column. */
    optional("listed", "boolean"),
    /** What the file has beside these columns, by name: a JSON object of texts, numbers, booleans and lists of texts. */
    optional("attributes", "string"),
    optional("available", "boolean"),
    /** RFC 3339. */
    optional("valid_from", "string"),
    optional("valid_until", "string"),
  ],
};

export const rawCustomers: TableDefinition = {
  name: "raw/customers",
  schema: [
    required("customer_id", "string"),
    optional("FN", "double"),
    optional("Active", "double"),
    optional("club_member_status", "string"),
    optional("fashion_news_frequency", "string"),
    optional("age", "integer"),
    optional("postal_code", "string"),
  ],
};

/** The archive of the event log; the first six columns are those of raw/transactions. */
export const rawEvents: TableDefinition = {
  name: "raw/events",
  schema: [
    required("t_dat", "date"),
    required("customer_id", "string"),
    required("article_id", "string"),
    optional("price", "double"),
    required("sales_channel_id", "integer"),
    required("event_type", "string"),
    /** Unix seconds, fractional. */
    required("timestamp", "double"),
    required("quantity", "integer"),
    required("event_id", "string"),
    optional("user_idx", "integer"),
    optional("item_idx", "integer"),
    required("log_partition", "integer"),
    required("log_offset", "long"),
    /** Unix seconds, fractional: when the log took the event. Null in rows of version 0.1. */
    optional("arrived_at", "double"),
    /** The identity of the log that `log_partition` and `log_offset` belong to. Null in rows of version 0.1. */
    optional("log_id", "string"),
    /** Of the answer that the event comes of (`RecommendationId.ts`). Null where it told none, and in rows of version 0.2. */
    optional("recommendation_id", "string"),
  ],
};

/** The txn appId under which raw/events remembers the next offset of a log's partition. Version 0.1 named no log (""). */
export const archiveAppId = (identity: string, partition: number): string =>
  identity === "" ? `slipstream-archiver-${partition}` : `slipstream-archiver-${identity}-${partition}`;

export interface ArchivedPartition {
  readonly identity: string;
  readonly partition: number;
}

export const archivedPartition = (appId: string): ArchivedPartition | undefined => {
  const [, identity = "", partition] = /^slipstream-archiver-(?:(.+)-)?(\d+)$/.exec(appId) ?? [];
  return partition === undefined ? undefined : { identity, partition: Number(partition) };
};

/** What the table's transactions say of one log: per partition, the next offset. */
export const archivedOffsets = (
  transactions: ReadonlyMap<string, bigint>,
  identity: string,
): ReadonlyMap<number, bigint> => {
  const offsets = new Map<number, bigint>();
  for (const [appId, next] of transactions) {
    const archived = archivedPartition(appId);
    if (archived?.identity === identity) offsets.set(archived.partition, next);
  }
  return offsets;
};

/** Append-only: an id keeps its index for ever. */
export const userMap: TableDefinition = {
  name: "processed/user_map",
  schema: [required("customer_id", "string"), required("user_idx", "integer")],
};

export const itemMap: TableDefinition = {
  name: "processed/item_map",
  schema: [required("article_id", "string"), required("item_idx", "integer")],
};

/** Every item of the item map, by index, as the catalogue had it. */
export const shopItems: TableDefinition = {
  name: "processed/items",
  schema: [
    required("item_idx", "integer"),
    required("item_id", "string"),
    optional("title", "string"),
    /** Null: nothing was said of it, and no items file was given. False of one that was taken away. */
    optional("available", "boolean"),
    /** RFC 3339. */
    optional("valid_from", "string"),
    optional("valid_until", "string"),
    /** By name, a JSON object of texts, numbers, booleans and lists of texts. Null: none. */
    optional("attributes", "string"),
  ],
};

/** Sorted by user_idx, then item_idx; each pair once. */
export const trainData: TableDefinition = {
  name: "processed/train_data",
  schema: [required("user_idx", "integer"), required("item_idx", "integer"), required("rating", "float")],
};

/**
 * What every pair that anybody had to do with adds up to, in millionths, returns taken off: the next preprocess adds to it.
 * Sorted by user_idx, then item_idx; each pair once.
 */
export const pairSums: TableDefinition = {
  name: "processed/pair_sums",
  schema: [
    required("user_idx", "integer"),
    required("item_idx", "integer"),
    required("weight", "long"),
    /** Of its purchases; above 0: it was bought, and not all of it was taken back. */
    required("bought", "long"),
  ],
};

/** Each user's newest interactions (`keptHistory` says how many), sorted by user_idx, then time. */
export const userHistory: TableDefinition = {
  name: "processed/user_history",
  schema: [
    required("user_idx", "integer"),
    required("item_idx", "integer"),
    /** Its code in the snapshot's `EventTypes`. */
    required("type", "integer"),
    /** Unix seconds. */
    required("timestamp", "double"),
  ],
};

/** Every item that each user bought and did not take back, sorted by user_idx, then item_idx; each pair once. */
export const userBought: TableDefinition = {
  name: "processed/user_bought",
  schema: [required("user_idx", "integer"), required("item_idx", "integer")],
};

/** Every item that each user hid and did not buy since, as user_bought; only where some type of events hides. */
export const userHidden: TableDefinition = {
  name: "processed/user_hidden",
  schema: [required("user_idx", "integer"), required("item_idx", "integer")],
};

/**
 * What each user was shown and did nothing to since (`ShownItems.ts`), sorted by user_idx, then the items in their order, then the
 * impressions in theirs; only where some type of events shows.
 */
export const userShown: TableDefinition = {
  name: "processed/user_shown",
  schema: [
    required("user_idx", "integer"),
    /** -1 in the row of an impression. */
    required("item_idx", "integer"),
    /** Unix seconds, whole ones: when last; 0 in the row of an impression, as is how often it was shown. */
    required("last", "double"),
    required("shown", "integer"),
    /** The low 32 bits of the key of its event (`eventKey`), as a signed number; 0 in the row of an item. */
    required("impression", "integer"),
  ],
};

/** What is remembered of each user's newest archived events (`learning/Recent.ts`), sorted by user_idx, then as the log took them. */
export const userRecent: TableDefinition = {
  name: "processed/user_recent",
  schema: [
    required("user_idx", "integer"),
    /** `eventKey`. */
    required("event_key", "long"),
    /** Unix seconds, as is `timestamp`. */
    required("arrived_at", "double"),
    required("timestamp", "double"),
    required("item_idx", "integer"),
    /** As in user_history. */
    required("type", "integer"),
    required("counted", "boolean"),
    /** Partition of the user's last event. Null in rows of version 0.2. */
    optional("log_partition", "integer"),
  ],
};

/** Every item of the item map, by index, with how many users ever bought it. */
export const itemStats: TableDefinition = {
  name: "processed/item_stats",
  schema: [required("item_idx", "integer"), required("buyers", "integer")],
};

/**
 * What the newest preprocess read and wrote: kind `table` (name, version), `offset` (`offsetKey`, next offset), `types` (the table
 * of event types, how many) or `count` (what it counted, and by which rules).
 */
export const trainingSnapshot: TableDefinition = {
  name: "processed/training_snapshot",
  schema: [required("kind", "string"), required("key", "string"), required("value", "long")],
};
