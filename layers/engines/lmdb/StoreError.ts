/** StoreError: what went wrong with the store's files, in words that name the path and the remedy. */
import { Schema } from "effect";

export class StoreError extends Schema.TaggedError<StoreError>()("StoreError", {
  /** Unavailable: try again later. Full: no space. Forbidden: not writable. Corrupt: a person must look. */
  reason: Schema.Literal("Unavailable", "Full", "Forbidden", "Corrupt"),
  path: Schema.String,
  message: Schema.String,
  cause: Schema.optional(Schema.Defect),
}) {}

/** LMDB's words and the system's, in the order they are tried. */
const known: ReadonlyArray<readonly [RegExp, StoreError["reason"], string]> = [
  [
    /ENOSPC|MDB_MAP_FULL|MDB_TXN_FULL|No space left|EDQUOT|quota|EFBIG|File too large/i,
    "Full",
    "has no space left: free some space on its disk, or set DATA_DIR to a folder with more",
  ],
  [
    /EACCES|EPERM|EROFS|Permission denied|not permitted|Read-only/i,
    "Forbidden",
    "cannot be written: make the folder writable for this user, or set DATA_DIR to one that is",
  ],
  [
    /ENOTDIR|EEXIST|EISDIR|Is a directory|Not a directory|File exists/i,
    "Forbidden",
    "cannot be made there, for a file or folder stands in its way: move it, or set DATA_DIR to another folder",
  ],
  [
    /MDB_INVALID|MDB_CORRUPTED|MDB_VERSION_MISMATCH|MDB_PAGE_NOTFOUND|MDB_INCOMPATIBLE|not an LMDB/i,
    "Corrupt",
    "is not a database of this version, or is damaged: restore it from a backup, or move the folder away and start again. " +
      "Tables and archive stay, and a batch makes a model of them; events that were not archived yet are lost",
  ],
  [
    /No transaction to renew|No current read transaction/i,
    "Unavailable",
    "was being closed by its last user while this process opened it: start again",
  ],
  [
    /ENOMEM|Cannot allocate memory/i,
    "Unavailable",
    "cannot be mapped, for it takes 64 GiB of address space (not of memory): start with `ulimit -v unlimited`",
  ],
  [
    /ESTALE/,
    "Unavailable",
    "was written anew by another process, which did not see this one: start this one again. What it could not write is not lost where its caller tries again",
  ],
  [/MDB_READERS_FULL/i, "Unavailable", "is read by too many processes at once: stop some of them"],
  [
    // LMDB's word for a write that was cut short, which a full disk does.
    /MDB_PANIC|EIO|Input\/output/i,
    "Unavailable",
    "cannot be written, for its disk is full or failing: free some space, then look at the system's log",
  ],
];

export const storeError = (path: string, cause: unknown): StoreError => {
  const words =
    cause instanceof Error ? `${cause.message} ${(cause as NodeJS.ErrnoException).code ?? ""}` : String(cause);
  const [, reason, remedy] = known.find(([pattern]) => pattern.test(words)) ?? [
    undefined,
    "Unavailable" as const,
    "could not be used",
  ];
  return new StoreError({ reason, path, message: `The store ${path} ${remedy} (${words.trim()})`, cause });
};
