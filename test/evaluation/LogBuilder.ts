/** LogBuilder: interaction logs row by row, for tests. */
import type { InteractionLog } from "../../src/evaluation/InteractionLog.ts";

export interface LogBuilder {
  readonly add: (userId: string, itemId: string, type: number, weight: number, time: number) => void;
  /** Sorts by time; the builder is used up. Items that `listed` lacks are not available; without it all are. */
  readonly finish: (listed?: ReadonlySet<string>) => InteractionLog;
}

const daySeconds = 86_400;

/** Ids to dense indices, in order of first appearance. */
const makeIndex = () => {
  const indexOf = new Map<string, number>();
  const ids: Array<string> = [];
  return {
    ids,
    index: (id: string): number => {
      const known = indexOf.get(id);
      if (known !== undefined) return known;
      indexOf.set(id, ids.length);
      return ids.push(id) - 1;
    },
  };
};

export const makeLogBuilder = (): LogBuilder => {
  const users = makeIndex();
  const items = makeIndex();
  let capacity = 1 << 16;
  let length = 0;
  let user = new Uint32Array(capacity);
  let item = new Uint32Array(capacity);
  let type = new Uint8Array(capacity);
  let weight = new Float32Array(capacity);
  let time = new Float64Array(capacity);

  const grow = (): void => {
    capacity *= 2;
    const larger = <A extends Uint32Array | Uint8Array | Float32Array | Float64Array>(next: A, old: A): A => {
      next.set(old);
      return next;
    };
    user = larger(new Uint32Array(capacity), user);
    item = larger(new Uint32Array(capacity), item);
    type = larger(new Uint8Array(capacity), type);
    weight = larger(new Float32Array(capacity), weight);
    time = larger(new Float64Array(capacity), time);
  };

  return {
    add: (userId, itemId, typeCode, weightOf, at) => {
      if (length === capacity) grow();
      user[length] = users.index(userId);
      item[length] = items.index(itemId);
      type[length] = typeCode;
      weight[length] = weightOf;
      time[length] = at;
      length++;
    },
    finish: (listed) => {
      const order = timeOrder(time.subarray(0, length));
      const available = Uint8Array.from(items.ids, (id) => (listed === undefined || listed.has(id) ? 1 : 0));
      const ids = { userIds: users.ids, itemIds: items.ids, available, hasItemsFile: listed !== undefined, length };
      if (order === undefined) {
        return {
          ...ids,
          user: user.subarray(0, length),
          item: item.subarray(0, length),
          type: type.subarray(0, length),
          weight: weight.subarray(0, length),
          time: time.subarray(0, length),
        };
      }
      return {
        ...ids,
        user: order.map((at) => user[at]),
        item: order.map((at) => item[at]),
        type: Uint8Array.from(order, (at) => type[at]),
        weight: Float32Array.from(order, (at) => weight[at]),
        time: Float64Array.from(order, (at) => time[at]),
      };
    },
  };
};

/** The positions of `time` in stable ascending order, by days first; undefined when they stand so already. */
const timeOrder = (time: Float64Array): Uint32Array | undefined => {
  let sorted = true;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < time.length; at++) {
    if (at > 0 && time[at] < time[at - 1]) sorted = false;
    first = Math.min(first, time[at]);
    last = Math.max(last, time[at]);
  }
  if (sorted) return undefined;
  const dayOf = (at: number): number => Math.floor((time[at] - first) / daySeconds);
  const starts = new Uint32Array(Math.floor((last - first) / daySeconds) + 2);
  for (let at = 0; at < time.length; at++) starts[dayOf(at) + 1]++;
  for (let day = 1; day < starts.length; day++) starts[day] += starts[day - 1];
  const order = new Uint32Array(time.length);
  const next = starts.slice();
  for (let at = 0; at < time.length; at++) order[next[dayOf(at)]++] = at;
  for (let day = 0; day + 1 < starts.length; day++) {
    const sameDay = order.subarray(starts[day], starts[day + 1]);
    if (sameDay.some((at, i) => i > 0 && time[at] < time[sameDay[i - 1]])) {
      sameDay.sort((a, b) => time[a] - time[b] || a - b);
    }
  }
  return order;
};
