/**
 * RecentEvents: events that are remembered of a user, against a client's retry and for the debounce, in the log's order.
 *
 * Packed, since they are read whole for every event of the user: per event four doubles, of which the last holds item,
 * type and whether it counted.
 */
export type RecentEvents = Float64Array;

export interface RecentEvent {
  /** `eventKey` of its id; -1 where none is known. */
  readonly id: number;
  /** Unix seconds: when the log took it, and when it happened. */
  readonly arrival: number;
  readonly time: number;
  readonly itemIdx: number;
  /** Its code in the model's `EventTypes`, from -1 to 14. */
  readonly type: number;
  /** Neither a retry nor debounced. */
  readonly counted: boolean;
}

export const recentSize = 4;
export const noEvents: RecentEvents = new Float64Array(0);

/** Types stand in digits of three bits: the first below the item, the second, which versions before had not, above it. */
const types = 8;
const aboveItems = types * 2 ** 32;

/** Item, type and whether it counted, in one number; that of two events is equal where all three are. */
export const actOf = (itemIdx: number, type: number, counted: boolean): number => {
  const digit = (type + 1) % types;
  return 2 * (aboveItems * ((type + 1 - digit) / types) + itemIdx * types + digit) + (counted ? 1 : 0);
};

export const itemOfAct = (act: number): number => Math.floor((Math.floor(act / 2) % aboveItems) / types);

export const hasCounted = (act: number): boolean => act % 2 === 1;

export const packEvents = (events: ReadonlyArray<RecentEvent>): RecentEvents => {
  const packed = new Float64Array(recentSize * events.length);
  events.forEach(({ id, arrival, time, itemIdx, type, counted }, i) => {
    packed.set([id, arrival, time, actOf(itemIdx, type, counted)], recentSize * i);
  });
  return packed;
};

export const unpackEvents = (packed: RecentEvents): Array<RecentEvent> =>
  Array.from({ length: packed.length / recentSize }, (_, i) => {
    const [id, arrival, time, act] = packed.subarray(recentSize * i, recentSize * (i + 1));
    const all = Math.floor(act / 2);
    const pair = all % aboveItems;
    return {
      id,
      arrival,
      time,
      itemIdx: Math.floor(pair / types),
      type: types * Math.floor(all / aboveItems) + (pair % types) - 1,
      counted: hasCounted(act),
    };
  });

/** An event's id as a number of 53 bits, so that it takes a few bytes whatever the client's ids look like (FNV-1a, two lanes). */
export const eventKey = (id: string): number => {
  let low = 0x811c9dc5;
  let high = 0xcbf29ce4;
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x85ebca6b) ^ (low >>> 13);
  }
  return (high >>> 0) * 0x200000 + ((low >>> 0) & 0x1fffff);
};
