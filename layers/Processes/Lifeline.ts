/**
 * Lifeline: a child that does not outlive its parent. The parent says so once, over the channel that Node opens between the
 * two; the channel closes with the parent, whatever ended it, and the child then stops as if told to.
 */
import type { ChildProcess } from "node:child_process";

const pledge = "slipstream: end with me";

/** Longest that a child without a parent takes to stop in order. */
const patienceMillis = 30_000;

/** In the parent, at once after the start. */
export const tie = (child: ChildProcess): void => {
  child.send(pledge, () => {});
};

/** Whether this process is a child that a parent has tied. */
let isTied = false;

/** In the child: says something to the parent it is tied to; nothing where there is none, or none any more. */
export const tellParent = (message: unknown): void => {
  if (isTied && process.connected) process.send?.(message, undefined, undefined, () => {});
};

/** In the child, at its start. Without such a parent nothing happens. */
export const endWithParent = (): void => {
  const { channel } = process;
  if (channel === undefined || channel === null) return;
  process.on("message", (message) => {
    isTied = isTied || message === pledge;
  });
  process.on("disconnect", () => {
    if (!isTied) return;
    // Nobody reads what is printed now.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
    process.kill(process.pid, "SIGTERM");
    setTimeout(() => process.kill(process.pid, "SIGKILL"), patienceMillis).unref();
  });
  // To wait for a word of the parent is no work.
  channel.unref();
};
