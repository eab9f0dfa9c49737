/** Support: which tables of other writers this one can read and write (reader 1, writer 2), and why not the others. */
import type { Metadata, Protocol } from "./Actions.ts";

/** Reader features that change nothing for the types the port has. */
const readable = new Set<string>(["timestampNtz", "vacuumProtocolCheck"]);
const writable = new Set<string>(["appendOnly", "invariants", ...readable]);

const remedy = "Rewrite the table without it (for example as a copy with reader 1, writer 2).";

/** What stops us from reading the table, with the remedy; undefined where nothing does. */
export const unreadable = (protocol: Protocol, metadata: Metadata): string | undefined => {
  const mapping = metadata.configuration?.["delta.columnMapping.mode"] ?? "none";
  if (mapping !== "none") return `it uses column mapping (delta.columnMapping.mode=${mapping}). ${remedy}`;
  const feature = protocol.readerFeatures?.find((name) => !readable.has(name) && name !== "columnMapping");
  if (feature !== undefined) return `it uses the reader feature ${feature}. ${remedy}`;
  if (protocol.minReaderVersion > 3) {
    return `it needs reader version ${protocol.minReaderVersion}, this program has 1. ${remedy}`;
  }
  return undefined;
};

/** What stops us from writing to the table, with the remedy; undefined where nothing does. */
export const unwritable = (protocol: Protocol, metadata: Metadata): string | undefined => {
  const feature = protocol.writerFeatures?.find((name) => !writable.has(name));
  if (feature !== undefined) return `it uses the writer feature ${feature}. ${remedy}`;
  if (protocol.minWriterVersion > 2 && protocol.minWriterVersion !== 7) {
    return `it needs writer version ${protocol.minWriterVersion}, this program has 2. ${remedy}`;
  }
  return unreadable(protocol, metadata);
};

export const isAppendOnly = (metadata: Metadata): boolean => metadata.configuration?.["delta.appendOnly"] === "true";
