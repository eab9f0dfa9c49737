/**
 * Identity: a process as a file can name it, so that others can tell later whether it still runs: its number may have gone
 * to another process meanwhile, and a container's processes have the same numbers after every start.
 */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { Schema } from "effect";

export const Identity = Schema.Struct({
  host: Schema.String,
  pid: Schema.Int,
  /** When it began, in the system's own count; empty where the system does not tell. */
  began: Schema.String,
});
export type Identity = typeof Identity.Type;

/** Linux counts clock ticks since the machine's start: field 22 of /proc/PID/stat, whose second is a name in brackets. */
const beganOf = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
};

export const ownIdentity: Identity = { host: hostname(), pid: process.pid, began: beganOf(process.pid) };

/** Signal 0 asks whether the process exists; a refusal means that it does. */
export const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/** Whether the process runs; undefined for one of another host, of which nothing is known. */
export const isRunning = ({ began, host, pid }: Identity): boolean | undefined =>
  host === ownIdentity.host ? exists(pid) && beganOf(pid) === began : undefined;
