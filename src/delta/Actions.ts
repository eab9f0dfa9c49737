/** Actions: the records of a Delta log, one JSON object per line of a commit, and their checkpoint form. */
import { Either, Schema } from "effect";

/** Checkpoints hold 64-bit integers, JSON holds numbers; both are counts below 2^53. */
const Count = Schema.Union(
  Schema.Number,
  Schema.transform(Schema.BigIntFromSelf, Schema.Number, {
    strict: true,
    decode: (value) => Number(value),
    encode: (value) => BigInt(value),
  }),
);

/** A 64-bit integer kept exactly: a bigint in checkpoints, quoted digits or a number in JSON. */
const Long = Schema.Union(
  Schema.BigIntFromSelf,
  Schema.BigInt,
  Schema.transform(Schema.Int, Schema.BigIntFromSelf, {
    strict: true,
    decode: (value) => BigInt(value),
    encode: (value) => Number(value),
  }),
);

const absent = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { nullable: true });

const Texts = Schema.Record({ key: Schema.String, value: Schema.NullishOr(Schema.String) });

export const Protocol = Schema.Struct({
  minReaderVersion: Count,
  minWriterVersion: Count,
  readerFeatures: absent(Schema.Array(Schema.String)),
  writerFeatures: absent(Schema.Array(Schema.String)),
});
export type Protocol = typeof Protocol.Type;

export const Metadata = Schema.Struct({
  id: Schema.String,
  name: absent(Schema.String),
  description: absent(Schema.String),
  format: absent(Schema.Struct({ provider: absent(Schema.String), options: absent(Texts) })),
  schemaString: Schema.String,
  partitionColumns: absent(Schema.Array(Schema.String)),
  configuration: absent(Texts),
  createdTime: absent(Count),
});
export type Metadata = typeof Metadata.Type;

export const Add = Schema.Struct({
  /** Relative to the table's folder, URL-encoded. */
  path: Schema.String,
  partitionValues: absent(Texts),
  size: Count,
  /** Milliseconds since the epoch. */
  modificationTime: Count,
  dataChange: Schema.Boolean,
  /** JSON: numRecords, minValues, maxValues, nullCount. */
  stats: absent(Schema.String),
  tags: absent(Texts),
  deletionVector: absent(Schema.Struct({ storageType: absent(Schema.String) })),
});
export type Add = typeof Add.Type;

export const Remove = Schema.Struct({
  path: Schema.String,
  /** Milliseconds since the epoch. */
  deletionTimestamp: absent(Count),
  dataChange: absent(Schema.Boolean),
  extendedFileMetadata: absent(Schema.Boolean),
  partitionValues: absent(Texts),
  size: absent(Count),
});
export type Remove = typeof Remove.Type;

/** A streaming writer's progress. */
export const Txn = Schema.Struct({ appId: Schema.String, version: Long, lastUpdated: absent(Count) });
export type Txn = typeof Txn.Type;

export const CommitInfo = Schema.Record({ key: Schema.String, value: Schema.Unknown });
export type CommitInfo = typeof CommitInfo.Type;

/** One line of a commit: exactly one of these; unknown kinds decode to an empty object. */
export const Action = Schema.Struct({
  protocol: absent(Protocol),
  metaData: absent(Metadata),
  add: absent(Add),
  remove: absent(Remove),
  txn: absent(Txn),
  commitInfo: absent(CommitInfo),
});
export type Action = typeof Action.Type;

export const decodeAction = Schema.decodeUnknownEither(Action);

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").slice(0, 200);

const parseJson = (text: string): Either.Either<unknown, string> =>
  Either.try({ try: () => JSON.parse(text) as unknown, catch: (cause) => String(cause) });

/** `JSON.parse` rounds integers above 2^53, so a txn's version is quoted first. */
const exactTxn = (line: string): string =>
  line.includes('"txn"') ? line.replace(/("version"\s*:\s*)(-?\d+)/, '$1"$2"') : line;

/** The actions of a commit file, or the number and the fault of the first bad line. */
export const parseCommit = (text: string): Either.Either<ReadonlyArray<Action>, string> => {
  const actions: Array<Action> = [];
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!.trim();
    if (line === "") continue;
    const json = parseJson(exactTxn(line));
    if (Either.isLeft(json)) return Either.left(`line ${i + 1} is no JSON`);
    const action = decodeAction(json.right);
    if (Either.isLeft(action)) return Either.left(`line ${i + 1} is no action: ${oneLine(action.left.message)}`);
    actions.push(action.right);
  }
  return Either.right(actions);
};

const printAction = (action: Action): string => {
  if (action.txn === undefined) return JSON.stringify(action);
  const { appId, version, lastUpdated } = action.txn;
  const updated = lastUpdated === undefined ? "" : `,"lastUpdated":${lastUpdated}`;
  return `{"txn":{"appId":${JSON.stringify(appId)},"version":${version}${updated}}}`;
};

/** The text of a commit file. */
export const printCommit = (actions: ReadonlyArray<Action>): string =>
  actions.map((action) => `${printAction(action)}\n`).join("");
