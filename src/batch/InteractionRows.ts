/** InteractionRows: the rows of raw/transactions and raw/events as interactions, a batch of columns at a time. */
import { eventTypeCode, eventTypeWeights } from "../domain/Event.ts";
import { isEventTime } from "../domain/EventTime.ts";
import type { ColumnBatch, TableSnapshot } from "../ports/Tables.ts";

/** Called per row; `type` is an `eventTypeCode` (-1: unknown), `time` in unix seconds. */
export type OnInteraction = (userId: string, itemId: string, type: number, weight: number, time: number) => void;

export const secondsPerDay = 86_400;
export const purchaseCode = eventTypeCode("purchase");

type Maybe<A> = ArrayLike<A | null> | undefined;

/** A missing type is a purchase, an unknown one weighs nothing. */
export const typeCodeOf = (type: string | null | undefined): number =>
  type === null || type === undefined ? purchaseCode : eventTypeCode(type);

const weightOf = (type: number): number => (type < 0 ? 0 : eventTypeWeights[type]);

/** When rows arrived that do not say so, in unix seconds: the newest of them were written then. */
export const writtenAt = (snapshot: TableSnapshot): number => snapshot.writtenAt / 1000;

/** Of columns that came later: null in older tables. */
export const optionalColumns = ["arrived_at", "log_id"];

/**
 * Answers a row's time, undefined where it can be none. Without a time of day it happened at midnight UTC; a row that does
 * not say when it arrived did at `arrival`.
 */
export const makeTimeOf = ({ columns }: ColumnBatch, arrival: number): ((row: number) => number | undefined) => {
  const days = columns.t_dat as ArrayLike<number>;
  const times = columns.timestamp as Maybe<number>;
  const arrivals = columns.arrived_at as Maybe<number>;
  return (row) => {
    const time = times?.[row] ?? days[row] * secondsPerDay;
    return isEventTime(time, arrivals?.[row] ?? arrival) ? time : undefined;
  };
};

export const transactionColumns = ["t_dat", "customer_id", "article_id", "event_type", "timestamp", "weight"];

/** A row's own weight stands before that of its type. Answers how many are left out for their time. */
export const eachTransaction = (batch: ColumnBatch, arrival: number, on: OnInteraction): number => {
  const { rows, columns } = batch;
  const timeOf = makeTimeOf(batch, arrival);
  let leftOut = 0;
  const users = columns.customer_id as ArrayLike<string>;
  const items = columns.article_id as ArrayLike<string>;
  const types = columns.event_type as Maybe<string>;
  const weights = columns.weight as Maybe<number>;
  for (let i = 0; i < rows; i++) {
    const time = timeOf(i);
    if (time === undefined) {
      leftOut++;
      continue;
    }
    const type = typeCodeOf(types?.[i]);
    on(users[i], items[i], type, weights?.[i] ?? weightOf(type), time);
  }
  return leftOut;
};

export const eventColumns = [
  "customer_id",
  "article_id",
  "event_type",
  "timestamp",
  "quantity",
  "event_id",
  "log_partition",
  "arrived_at",
];

/** An event of a known type, as a row of raw/events holds it. */
export interface ArchivedEvent {
  readonly userId: string;
  readonly eventId: string;
  readonly itemId: string;
  readonly type: number;
  /** Unix seconds. */
  readonly time: number;
  /** Unix seconds; undefined where the row does not say. */
  readonly arrival: number | undefined;
  readonly partition: number;
}

/** A client's retry does not count. Answers how many are left out for their time. */
export const eachEvent = (
  batch: ColumnBatch,
  arrival: number,
  isRetry: (event: ArchivedEvent) => boolean,
  on: OnInteraction,
): number => {
  const { rows, columns } = batch;
  const timeOf = makeTimeOf(batch, arrival);
  let leftOut = 0;
  const users = columns.customer_id as ArrayLike<string>;
  const items = columns.article_id as ArrayLike<string>;
  const types = columns.event_type as ArrayLike<string>;
  const quantities = columns.quantity as ArrayLike<number>;
  const ids = columns.event_id as ArrayLike<string>;
  const partitions = columns.log_partition as ArrayLike<number>;
  const arrivals = columns.arrived_at as Maybe<number>;
  for (let i = 0; i < rows; i++) {
    const time = timeOf(i);
    if (time === undefined) {
      leftOut++;
      continue;
    }
    const type = typeCodeOf(types[i]);
    const [userId, itemId] = [users[i], items[i]];
    const event = { userId, eventId: ids[i], itemId, type, time, partition: partitions[i] };
    if (type >= 0 && isRetry({ ...event, arrival: arrivals?.[i] ?? undefined })) continue;
    on(userId, itemId, type, weightOf(type) * quantities[i], time);
  }
  return leftOut;
};
