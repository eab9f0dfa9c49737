/**
 * ItemRecord: what the shop said of an item, and when, so that the later word wins whatever the order in which words arrive.
 *
 * A word replaces all (a PUT, a row of an items file), takes the item away, or sets some fields. A record is the newest word
 * about all, and per field the newest later one about that field: a last-writer-wins register per field. Applying changes in
 * any order gives the same record, as long as no two of the same time differ; of such the one that came last counts.
 *
 * Fields: `title`, `available`, `valid_from`, `valid_until`, and `attributes.NAME` for each attribute.
 */

/** A time is text in RFC 3339, with date, time and zone. */
export type AttributeValue = string | number | boolean | ReadonlyArray<string>;

export type Fields = Readonly<Record<string, AttributeValue>>;

export const attributePrefix = "attributes.";

interface Timed {
  /** Unix milliseconds. */
  readonly at: number;
}

/** Says all there is to say: a field that it does not name has no value. */
export interface Replacement extends Timed {
  readonly kind: "replace";
  readonly fields: Fields;
}

export interface Removal extends Timed {
  readonly kind: "remove";
}

/** Says something about the fields that it names; null: no value. */
export interface Patch extends Timed {
  readonly kind: "patch";
  readonly fields: Readonly<Record<string, AttributeValue | null>>;
}

export type Change = Replacement | Removal | Patch;

export interface ItemRecord extends Timed {
  /** The newest word about all, of time `at`, took it away: it is unknown until another replaces that. */
  readonly removed: boolean;
  /** What it said. */
  readonly fields: Fields;
  /** Newer words about single fields. */
  readonly patches: Readonly<Record<string, { readonly at: number; readonly value: AttributeValue | null }>>;
}

/** Of an item of which nothing was said yet, though it has an index. */
export const noRecord: ItemRecord = { at: 0, removed: false, fields: {}, patches: {} };

const keep = <A>(entries: Readonly<Record<string, A>>, isKept: (value: A, name: string) => boolean) =>
  Object.fromEntries(Object.entries(entries).filter(([name, value]) => isKept(value, name)));

/** The record with the change. */
export const applyChange = (record: ItemRecord, change: Change): ItemRecord => {
  const { at } = change;
  if (change.kind === "patch") {
    if (at < record.at) return record;
    const patches = { ...record.patches };
    for (const [name, value] of Object.entries(change.fields)) {
      if (patches[name] === undefined || at >= patches[name].at) patches[name] = { at, value };
    }
    return { ...record, patches };
  }
  if (at < record.at) return record;
  return {
    at,
    removed: change.kind === "remove",
    fields: change.kind === "remove" ? {} : change.fields,
    patches: keep(record.patches, (patch) => patch.at > at),
  };
};

/** The time of the newest word. */
export const newestOf = ({ at, patches }: ItemRecord): number =>
  Object.values(patches).reduce((newest, patch) => Math.max(newest, patch.at), at);

const isPatched = ({ patches }: ItemRecord): boolean => {
  for (const _ in patches) return true;
  return false;
};

/** All fields that have a value now. */
export const fieldsOf = (record: ItemRecord): Fields => {
  const { fields, patches } = record;
  if (!isPatched(record)) return fields;
  const now: Record<string, AttributeValue> = { ...fields };
  for (const [name, { value }] of Object.entries(patches)) {
    if (value === null) delete now[name];
    else now[name] = value;
  }
  return now;
};
