/**
 * Openings: which processes have the store open, and whether the last one closed it in order.
 *
 * Each opening leaves a file `open-UUID.json`, which names its process, and takes it away when it closes; the last one
 * to close notes the data file's size and time of change in `closed.json`. So a process that did not come to its end is
 * found out, and so is a data file that something else has changed since.
 */
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Either, Schema } from "effect";
import { Identity, isRunning, ownIdentity } from "../../Processes/Identity.ts";

const Closed = Schema.parseJson(Schema.Struct({ bytes: Schema.Number, changed: Schema.Number }));
const closedName = "closed.json";
const openName = /^open-(.+)\.json$/;

const identities = Schema.parseJson(Identity);
const decodeIdentity = Schema.decodeUnknownEither(identities);
const encodeIdentity = Schema.encodeSync(identities);
const decodeClosed = Schema.decodeUnknownEither(Closed);
const encodeClosed = Schema.encodeSync(Closed);

/** The openings of this process: a file that names it and is none of them was left by an earlier one. */
const own = new Set<string>();

/** Size and time of change of the data file; undefined where there is none, or nothing in it. */
const dataOf = (folder: string): { readonly bytes: number; readonly changed: number } | undefined => {
  const found = statSync(join(folder, "data.mdb"), { throwIfNoEntry: false });
  return found === undefined || found.size === 0 ? undefined : { bytes: found.size, changed: found.mtimeMs };
};

/** The text; empty where the file has gone. */
const textOf = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};

interface Found {
  readonly name: string;
  readonly running: boolean;
  /** A process of this host that runs no more. */
  readonly isOver: boolean;
  /** In words. */
  readonly holder: string;
}

const openingsOf = (folder: string): ReadonlyArray<Found> =>
  readdirSync(folder).flatMap((name) => {
    const id = openName.exec(name)?.[1];
    if (id === undefined) return [];
    const identity = decodeIdentity(textOf(join(folder, name)));
    const isOwn =
      Either.isRight(identity) && identity.right.pid === process.pid && identity.right.host === ownIdentity.host;
    const known = isOwn ? own.has(id) : Either.isRight(identity) ? isRunning(identity.right) : undefined;
    const holder = Either.isRight(identity) ? `process ${identity.right.pid} of ${identity.right.host}` : "a process";
    return [{ name, running: known === true, isOver: known === false, holder: `${holder} (${join(folder, name)})` }];
  });

/** Who has the store open, in words, or may have: of a process of another host (a container is one) nothing is known. */
export const holdersOf = (folder: string): ReadonlyArray<string> =>
  openingsOf(folder).flatMap(({ holder, isOver }) => (isOver ? [] : [holder]));

/** The data file is as it should be, and nobody works with it. */
export const noteClosed = (folder: string): void => {
  const data = dataOf(folder);
  if (data !== undefined) writeFileSync(join(folder, closedName), encodeClosed(data));
};

/** Whether the store may be opened as it is: it is new, a living process works with it, or it is as it was closed. */
export const isTrusted = (folder: string): boolean => {
  const data = dataOf(folder);
  if (data === undefined) return true;
  const openings = openingsOf(folder);
  if (openings.some(({ running }) => running)) return true;
  const closed = decodeClosed(textOf(join(folder, closedName)));
  return (
    openings.length === 0 &&
    Either.isRight(closed) &&
    closed.right.bytes === data.bytes &&
    closed.right.changed === data.changed
  );
};

/** Forgets the openings of processes that are no more. */
export const forgetTheDead = (folder: string): void => {
  for (const { name, running } of openingsOf(folder)) if (!running) rmSync(join(folder, name), { force: true });
};

export interface Opening {
  /** After the store is closed. */
  readonly closed: () => void;
  /** The store could not be closed: the next process that opens it looks through it first. */
  readonly abandoned: () => void;
}

export const noteOpening = (folder: string): Opening => {
  const id = randomUUID();
  const path = join(folder, `open-${id}.json`);
  writeFileSync(path, encodeIdentity(ownIdentity));
  own.add(id);
  return {
    closed: () => {
      rmSync(path, { force: true });
      own.delete(id);
      if (!openingsOf(folder).some(({ running }) => running)) noteClosed(folder);
    },
    abandoned: () => {
      own.delete(id);
    },
  };
};
