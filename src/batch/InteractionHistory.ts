/**
 * InteractionHistory: the newest interactions of every user, in memory bounded by the users.
 *
 * Kept are each user's newest `keptPurchases` purchases and newest `keptInteractions` of any type; of equal times the
 * later in the input is newer, and rows equal in user, item, type and time (several pieces of one article) are one.
 * As with the sums, a full chunk is sorted and merged into what was kept so far; the chunk's size does not matter.
 */
import { eventTypeCode } from "../domain/Event.ts";
import { keptInteractions, keptPurchases } from "../domain/UserState.ts";
import { countingSort } from "./CountingSort.ts";
import { defaultChunk, grown } from "./InteractionSums.ts";

/** User u has the entries at `pointers[u]` … `pointers[u + 1] - 1`, oldest first; the arrays may be longer. */
export interface Histories {
  readonly users: number;
  readonly pointers: Uint32Array;
  readonly items: Uint32Array;
  readonly types: Uint8Array;
  /** Unix seconds. */
  readonly times: Float64Array;
}

export interface InteractionHistory {
  /** `type` is an `eventTypeCode` of a known type, `time` in unix seconds. */
  readonly add: (user: number, item: number, type: number, time: number) => void;
  readonly finish: () => Histories;
}

const purchase = eventTypeCode("purchase");
const firstChunk = 1 << 14;

interface Columns {
  readonly items: Uint32Array;
  readonly types: Uint8Array;
  readonly times: Float64Array;
}

const makeColumns = (length: number): Columns => ({
  items: new Uint32Array(length),
  types: new Uint8Array(length),
  times: new Float64Array(length),
});

const copyEntry = (from: Columns, source: number, to: Columns, target: number): void => {
  to.items[target] = from.items[source];
  to.types[target] = from.types[source];
  to.times[target] = from.times[source];
};

/** Puts the kept ones of `entries[0..count)`, which are in time order, behind `written` in `out`; answers the new end. */
const keep = (entries: Columns, count: number, kept: Uint32Array, out: Columns, written: number): number => {
  const { items, types, times } = entries;
  let total = 0;
  let purchases = 0;
  for (let i = count - 1; i >= 0 && purchases < keptPurchases; i--) {
    const bought = types[i] === purchase;
    if (!bought && total >= keptInteractions) continue;
    let repeated = false;
    for (let k = total - 1; k >= 0 && times[kept[k]] === times[i] && !repeated; k--) {
      repeated = items[kept[k]] === items[i] && types[kept[k]] === types[i];
    }
    if (repeated) continue;
    kept[total++] = i;
    if (bought) purchases++;
  }
  for (let k = total - 1; k >= 0; k--) copyEntry(entries, kept[k], out, written++);
  return written;
};

/** Chunk and what was kept before, merged. Times within a user are sorted unless they come sorted already. */
const merge = (old: Histories, users: Uint32Array, fresh: Columns, count: number): Histories => {
  let userCount = old.users;
  for (let i = 0; i < count; i++) if (users[i] >= userCount) userCount = users[i] + 1;
  const order = countingSort(users, count, userCount);
  const pointers = new Uint32Array(userCount + 1);
  const out = makeColumns(old.pointers[old.users] + count);
  const kept = new Uint32Array(keptPurchases + keptInteractions);
  let scratch = makeColumns(1024);
  let written = 0;
  let next = 0;
  for (let user = 0; user < userCount; user++) {
    const oldStart = user < old.users ? old.pointers[user] : 0;
    const oldCount = user < old.users ? old.pointers[user + 1] - oldStart : 0;
    const start = next;
    while (next < count && users[order[next]] === user) next++;
    const added = next - start;
    if (oldCount + added > scratch.items.length) scratch = makeColumns(2 * (oldCount + added));
    const mine = order.subarray(start, next);
    let sorted = true;
    for (let i = 1; i < added && sorted; i++) sorted = fresh.times[mine[i]] >= fresh.times[mine[i - 1]];
    if (!sorted) mine.sort((a, b) => fresh.times[a] - fresh.times[b] || a - b);
    let a = 0;
    let b = 0;
    for (let at = 0; at < oldCount + added; at++) {
      const takeOld = a < oldCount && (b === added || old.times[oldStart + a] <= fresh.times[mine[b]]);
      if (takeOld) copyEntry(old, oldStart + a++, scratch, at);
      else copyEntry(fresh, mine[b++], scratch, at);
    }
    written = keep(scratch, oldCount + added, kept, out, written);
    pointers[user + 1] = written;
  }
  return { users: userCount, pointers, ...out };
};

export const makeInteractionHistory = (chunk = defaultChunk): InteractionHistory => {
  let histories: Histories = { users: 0, pointers: new Uint32Array(1), ...makeColumns(0) };
  let users = new Uint32Array(Math.min(chunk, firstChunk));
  let fresh = makeColumns(users.length);
  let count = 0;
  const flush = (): void => {
    if (count > 0) histories = merge(histories, users, fresh, count);
    count = 0;
  };
  return {
    add: (user, item, type, time) => {
      if (count === users.length) {
        if (count === chunk) flush();
        else {
          const length = Math.min(chunk, 2 * count);
          users = grown(users, length);
          fresh = {
            items: grown(fresh.items, length),
            types: grown(fresh.types, length),
            times: grown(fresh.times, length),
          };
        }
      }
      users[count] = user;
      fresh.items[count] = item;
      fresh.types[count] = type;
      fresh.times[count++] = time;
    },
    finish: () => {
      flush();
      return histories;
    },
  };
};
