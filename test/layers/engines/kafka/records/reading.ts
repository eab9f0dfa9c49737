/** What tests of record sets share: short records, and a reading of them. */
import { largestUncompressed } from "../../../../../layers/engines/kafka/records/Codec.ts";
import {
  type HeadedRecord,
  type RecordSet,
  readRecordSet,
} from "../../../../../layers/engines/kafka/records/RecordSet.ts";
import type { Written } from "./encoding.ts";

const forever = 1n << 60n;
export const read = (bytes: Buffer, more: Partial<Parameters<typeof readRecordSet>[1]> = {}): RecordSet =>
  readRecordSet(bytes, {
    partition: 3,
    from: 0n,
    end: forever,
    aborted: [],
    again: false,
    room: { bytes: largestUncompressed },
    ...more,
  });

export const plain = (delta: number, value: string | null, timestamp = 1_700_000_000_000): Written => ({
  delta,
  timestamp,
  key: null,
  value: value === null ? null : Buffer.from(value),
  headers: [],
});
export const values = (records: ReadonlyArray<HeadedRecord>) =>
  records.filter(({ gap }) => gap === undefined).map(({ value }) => String(value));
export const gaps = (records: ReadonlyArray<HeadedRecord>) =>
  records.flatMap(({ gap, offset }) => (gap === undefined ? [] : [{ ...gap, last: offset }]));
