/**
 * MessageSet: messages of the formats 0 and 1, which brokers before 0.11 wrote and later ones keep as they are.
 *
 * A compressed message holds messages and has the offset of the last of them. In format 1 these count from 0, and the
 * broker's append time stands in the outer one alone. Format 0 has no times.
 */
import { Either } from "effect";
import { type Cursor, cursorOf, int8, int32, int64, view } from "../Cursor.ts";
import {
  damaged,
  hasAppendTime,
  mostRecords,
  noHeaders,
  nothing,
  type StoredRecord,
  type Trouble,
  uncompressed,
} from "./Batch.ts";

interface Message extends StoredRecord {
  readonly attributes: number;
}

const messageAt = (cursor: Cursor): Message => {
  const offset = int64(cursor);
  int32(cursor);
  int32(cursor);
  const format = int8(cursor);
  const attributes = int8(cursor);
  const timestamp = format === 0 ? -1 : Number(int64(cursor));
  view(cursor, int32(cursor));
  return { offset, attributes, timestamp, value: view(cursor, int32(cursor)), headers: noHeaders };
};

/** Of one message, which may hold others. */
export const messagesOf = (bytes: Buffer): Either.Either<ReadonlyArray<StoredRecord>, Trouble> => {
  const outer = cursorOf(bytes);
  const message = messageAt(outer);
  if (outer.beyond || outer.at !== bytes.length) return damaged("cannot be read");
  if ((message.attributes & 7) === 0) return Either.right([message]);
  return Either.flatMap(uncompressed(message.attributes, message.value ?? nothing), (content) => {
    const cursor = cursorOf(content);
    const inner: Array<Message> = [];
    while (cursor.at < cursor.bytes.length) {
      const one = messageAt(cursor);
      if (cursor.beyond || (one.attributes & 7) !== 0 || inner.length === mostRecords)
        return damaged("holds a message that cannot be read");
      inner.push(one);
    }
    const first = message.offset - (inner.at(-1)?.offset ?? 0n);
    return Either.right(
      inner.map((one) => ({
        ...one,
        offset: first + one.offset,
        timestamp: hasAppendTime(message.attributes) ? message.timestamp : one.timestamp,
      })),
    );
  });
};
