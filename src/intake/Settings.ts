/** Settings: which files of another shop's are read, what their columns mean, and how many rows may be wrong. */
import { boolean, flagged, number, text } from "../config/Setting.ts";

export const maxRejects = number("MAX_REJECTS", {
  default: 1,
  min: 0,
  max: 100,
  description: "Percent of a file's rows that may be rejected before the run stops.",
});

const column = (flag: string, env: string, description: string) =>
  flagged(flag, text(env, { default: "", description }));

export const importing = {
  events: column(
    "events",
    "IMPORT_EVENTS",
    "File of events, CSV (also .gz) or Parquet, or a folder of Parquet files; one row per event. Required: items alone are put up by POST /items, as NDJSON.",
  ),
  user: column("user", "IMPORT_USER", "Column of the events with the user's id. Required."),
  item: column("item", "IMPORT_ITEM", "Column of the events with the item's id. Required."),
  timestamp: column(
    "timestamp",
    "IMPORT_TIMESTAMP",
    "Column with the time: unix seconds or milliseconds, or ISO date; without it all are of today.",
  ),
  timeFormat: column(
    "time-format",
    "IMPORT_TIME_FORMAT",
    "How the times are written, e.g. `M/d/yy H:mm` or `dd.MM.yyyy`; `excel`: as Excel counts days.",
  ),
  type: column(
    "type",
    "IMPORT_TYPE",
    "Column with the type, one of EVENT_TYPES; without it all are of the one that --types names, or purchase.",
  ),
  types: column(
    "types",
    "IMPORT_TYPES",
    "What the shop calls the types, e.g. view=click,buy=purchase; those named ignore are left out. Without --type, the one of all: click.",
  ),
  weight: column("weight", "IMPORT_WEIGHT", "Column with a weight from 0 up, in place of the type's."),
  quantity: column(
    "quantity",
    "IMPORT_QUANTITY",
    "Column with how many pieces a row is about; below 0: a return, which takes back what was bought.",
  ),
  items: column(
    "items",
    "IMPORT_ITEMS",
    "File of items: no others are recommended. Without it, items have ids and no names.",
  ),
  itemId: column("item-id", "IMPORT_ITEM_ID", "Column of the items with the id; by default named as --item."),
  title: column("title", "IMPORT_TITLE", "Column of the items with the name; by default `title`, where there is one."),
  category: column("category", "IMPORT_CATEGORY", "Column of the items with the product type, to filter by."),
  group: column("group", "IMPORT_GROUP", "Column of the items with the product group, to filter by."),
  appearance: column("appearance", "IMPORT_APPEARANCE", "Column of the items with the graphical appearance."),
  indexGroup: column("index-group", "IMPORT_INDEX_GROUP", "Column of the items with the index group (department)."),
  available: column(
    "available",
    "IMPORT_AVAILABLE",
    "Column of the items that says whether one is for sale: true or false; by default `available`, where it says so.",
  ),
  validFrom: column(
    "valid-from",
    "IMPORT_VALID_FROM",
    "Column of the items with the time from which one is for sale; by default `valid_from`, where it holds times.",
  ),
  validUntil: column(
    "valid-until",
    "IMPORT_VALID_UNTIL",
    "Column of the items with the time until which one is for sale; by default `valid_until`, where it holds times.",
  ),
  encoding: column(
    "encoding",
    "IMPORT_ENCODING",
    "Encoding of CSV files, e.g. windows-1252; by default UTF-8, or UTF-16 where the file shows it.",
  ),
  noHeader: flagged(
    "no-header",
    boolean("IMPORT_NO_HEADER", {
      default: false,
      description: "CSV files have no header line; columns are named by number: --user 1.",
    }),
  ),
};
