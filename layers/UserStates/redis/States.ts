/** States: the state that a user's hash holds. Its fields: `Redis.ts`. */
import { decodeItemSet } from "../../../src/domain/ItemSet.ts";
import { decodeShown } from "../../../src/domain/ShownItems.ts";
import { purchasesOf, type UserState } from "../../../src/domain/UserState.ts";
import { decodeInteractions, decodeRecent, decodeVector } from "../../../src/domain/UserStateCodec.ts";
import { recentOfMarks } from "../../../src/domain/UserStateVersion1.ts";
import type { Connection } from "../../engines/redis/Client.ts";
import { decodeOffset } from "./Offsets.ts";

const partitionOf = (field: string): number | undefined => {
  const number = /^next:(\d{1,10})$/.exec(field)?.[1];
  return number === undefined ? undefined : Number(number);
};

type Fields = Readonly<Record<string, Buffer>> | "damaged";

/** The state of a user's hash: undefined for no hash. */
export const stateOf = (fields: Fields): UserState | undefined | "damaged" => {
  if (fields === "damaged") return fields;
  const entries = Object.entries(fields);
  if (entries.length === 0) return undefined;
  const interactions = decodeInteractions(fields.interactions ?? new Uint8Array());
  const recent =
    fields.bought === undefined
      ? recentOfMarks(fields.marks ?? new Uint8Array())
      : decodeRecent(fields.recent ?? new Uint8Array());
  const vector = fields.vector === undefined ? undefined : decodeVector(fields.vector);
  if (interactions === undefined || recent === undefined || (fields.vector !== undefined && vector === undefined)) {
    return "damaged";
  }
  const bought = fields.bought === undefined ? purchasesOf(interactions) : decodeItemSet(fields.bought);
  const hidden = decodeItemSet(fields.hidden ?? new Uint8Array());
  const shown = decodeShown(fields.shown ?? new Uint8Array());
  if (bought === undefined || hidden === undefined || shown === undefined) return "damaged";
  const next = new Map<number, bigint>();
  for (const [field, value] of entries) {
    if (!field.startsWith("next:")) continue;
    const partition = partitionOf(field);
    const offset = decodeOffset(value);
    if (partition === undefined || offset === undefined) return "damaged";
    next.set(partition, offset);
  }
  return { vector, interactions, bought, hidden, shown, recent, next };
};

/** The user's hash. A key of another type is that user's damage alone: the others asked for with them are read. */
export const fieldsAt = (connection: Connection, key: string): Promise<Fields> =>
  connection
    .hgetallBuffer(key)
    .catch((error: unknown) =>
      error instanceof Error && error.message.startsWith("WRONGTYPE") ? "damaged" : Promise.reject(error),
    );
