/** Split: which interactions a model may learn from, and which it is judged by. */
import { makeRandom } from "../kernels/Random.ts";
import type { InteractionLog } from "./InteractionLog.ts";

/** Positions in the log, ascending, so in time order. No position is in both. */
export interface Split {
  readonly train: Uint32Array;
  readonly test: Uint32Array;
}

const daySeconds = 86_400;

const positions = (from: number, to: number): Uint32Array => {
  const all = new Uint32Array(Math.max(to - from, 0));
  for (let i = 0; i < all.length; i++) all[i] = from + i;
  return all;
};

const splitAt = (log: InteractionLog, boundary: number): Split => ({
  train: positions(0, boundary),
  test: positions(boundary, log.length),
});

/** Tests on the last `days` calendar days (UTC), the newest interaction's day being the last one. */
export const splitByDays = (log: InteractionLog, days: number): Split => {
  const newest = log.length === 0 ? 0 : log.time[log.length - 1];
  const start = (Math.floor(newest / daySeconds) - days + 1) * daySeconds;
  let boundary = log.length;
  while (boundary > 0 && log.time[boundary - 1] >= start) boundary--;
  return splitAt(log, boundary);
};

/** Trains on the oldest `fraction` of the interactions. */
export const splitByFraction = (log: InteractionLog, fraction: number): Split =>
  splitAt(log, Math.floor(log.length * fraction));

/** Takes each user for a session, and trains on the `fraction` of them that began first; tests on the others. */
export const splitBySessions = (log: InteractionLog, fraction: number): Split => {
  const trained = new Uint8Array(log.userIds.length);
  const begun = new Uint8Array(log.userIds.length);
  let sessions = 0;
  const train: Array<number> = [];
  const test: Array<number> = [];
  const most = Math.floor(log.userIds.length * fraction);
  for (let at = 0; at < log.length; at++) {
    const user = log.user[at];
    if (begun[user] === 0) {
      begun[user] = 1;
      if (sessions++ < most) trained[user] = 1;
    }
    (trained[user] === 1 ? train : test).push(at);
  }
  return { train: Uint32Array.from(train), test: Uint32Array.from(test) };
};

/** Tests on the last interaction of each user who has at least two. */
export const splitLeaveLastOut = (log: InteractionLog): Split => {
  const seen = new Uint32Array(log.userIds.length);
  for (const user of log.user) seen[user]++;
  const train = new Uint32Array(log.length);
  const test = new Uint32Array(log.length);
  const passed = new Uint32Array(log.userIds.length);
  let trains = 0;
  let tests = 0;
  for (let at = 0; at < log.length; at++) {
    const user = log.user[at];
    const last = ++passed[user] === seen[user] && seen[user] > 1;
    if (last) test[tests++] = at;
    else train[trains++] = at;
  }
  return { train: train.subarray(0, trains), test: test.subarray(0, tests) };
};

/** Trains on each interaction with probability `fraction`: the train part has what came after the tested ones, too. */
export const splitAtRandom = (log: InteractionLog, fraction: number, seed: number): Split => {
  const random = makeRandom(seed, "evaluate.split");
  const trained = Uint8Array.from({ length: log.length }, () => (random.chance(fraction) ? 1 : 0));
  const all = positions(0, log.length);
  return { train: all.filter((at) => trained[at] === 1), test: all.filter((at) => trained[at] === 0) };
};
