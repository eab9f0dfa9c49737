/** LogNames: the names of the files in `_delta_log`. */

export const logFolder = "_delta_log";
export const lastCheckpointName = "_last_checkpoint";

const digits = (version: number): string => String(version).padStart(20, "0");

export const commitName = (version: number): string => `${digits(version)}.json`;
export const checkpointName = (version: number): string => `${digits(version)}.checkpoint.parquet`;

export interface Checkpoint {
  readonly version: number;
  /** File names, in the order of their parts. */
  readonly parts: ReadonlyArray<string>;
}

export interface LogListing {
  /** Versions that have a commit file, ascending. */
  readonly commits: ReadonlyArray<number>;
  /** Complete checkpoints, ascending by version. */
  readonly checkpoints: ReadonlyArray<Checkpoint>;
}

const commitPattern = /^(\d{20})\.json$/;
const singlePattern = /^(\d{20})\.checkpoint\.parquet$/;
const partPattern = /^(\d{20})\.checkpoint\.(\d{10})\.(\d{10})\.parquet$/;

/** Sorts the names of a log folder; what is none of ours (temporary files, checksums) is left out. */
export const listing = (names: Iterable<string>): LogListing => {
  const commits: Array<number> = [];
  const checkpoints = new Map<number, ReadonlyArray<string>>();
  const partial = new Map<string, Array<string>>();
  for (const name of names) {
    const commit = commitPattern.exec(name);
    if (commit !== null) commits.push(Number(commit[1]));
    const single = singlePattern.exec(name);
    if (single !== null) checkpoints.set(Number(single[1]), [name]);
    const part = partPattern.exec(name);
    if (part === null) continue;
    const total = Number(part[3]);
    const key = `${part[1]}.${total}`;
    const parts = partial.get(key) ?? [];
    parts[Number(part[2]) - 1] = name;
    partial.set(key, parts);
    const complete = parts.length === total && parts.filter(() => true).length === total;
    if (complete && !checkpoints.has(Number(part[1]))) checkpoints.set(Number(part[1]), parts);
  }
  return {
    commits: commits.sort((a, b) => a - b),
    checkpoints: [...checkpoints].map(([version, parts]) => ({ version, parts })).sort((a, b) => a.version - b.version),
  };
};
