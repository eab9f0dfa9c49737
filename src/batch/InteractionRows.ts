/** InteractionRows: the rows of raw/transactions and raw/events as interactions, a batch of columns at a time. */
import { eventTypeCode, eventTypeWeights } from "../domain/Event.ts";
import type { ColumnBatch } from "../ports/Tables.ts";

/** Called per row; `type` is an `eventTypeCode` (-1: unknown), `time` in unix seconds. */
export type OnInteraction = (userId: string, itemId: string, type: number, weight: number, time: number) => void;

export const secondsPerDay = 86_400;
export const purchaseCode = eventTypeCode("purchase");

type Maybe<A> = ArrayLike<A | null> | undefined;

/** A missing type is a purchase, an unknown one weighs nothing. */
export const typeCodeOf = (type: string | null | undefined): number =>
  type === null || type === undefined ? purchaseCode : eventTypeCode(type);

const weightOf = (type: number): number => (type < 0 ? 0 : eventTypeWeights[type]);

export const transactionColumns = ["t_dat", "customer_id", "article_id", "event_type", "timestamp", "weight"];

/** A row's own weight stands before that of its type; without a time of day it happened at midnight UTC. */
export const eachTransaction = ({ rows, columns }: ColumnBatch, on: OnInteraction): void => {
  const users = columns.customer_id as ArrayLike<string>;
  const items = columns.article_id as ArrayLike<string>;
  const days = columns.t_dat as ArrayLike<number>;
  const types = columns.event_type as Maybe<string>;
  const times = columns.timestamp as Maybe<number>;
  const weights = columns.weight as Maybe<number>;
  for (let i = 0; i < rows; i++) {
    const type = typeCodeOf(types?.[i]);
    const weight = weights?.[i] ?? weightOf(type);
    on(users[i], items[i], type, weight, times?.[i] ?? days[i] * secondsPerDay);
  }
};

export const eventColumns = ["customer_id", "article_id", "event_type", "timestamp", "quantity", "event_id"];

/** `repeated` tells a client's retry, which does not count again. */
export const eachEvent = (
  { rows, columns }: ColumnBatch,
  repeated: (userId: string, eventId: string) => boolean,
  on: OnInteraction,
): void => {
  const users = columns.customer_id as ArrayLike<string>;
  const items = columns.article_id as ArrayLike<string>;
  const types = columns.event_type as ArrayLike<string>;
  const times = columns.timestamp as ArrayLike<number>;
  const quantities = columns.quantity as ArrayLike<number>;
  const ids = columns.event_id as ArrayLike<string>;
  for (let i = 0; i < rows; i++) {
    if (repeated(users[i], ids[i])) continue;
    const type = typeCodeOf(types[i]);
    on(users[i], items[i], type, weightOf(type) * quantities[i], times[i]);
  }
};
