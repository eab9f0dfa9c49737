/** Probe: of each port something small to ask, to see whether it answers. */
import { Effect } from "effect";
import { Catalogue } from "../ports/Catalogue.ts";
import { EventLog } from "../ports/EventLog.ts";
import { ItemIndex, type Within } from "../ports/ItemIndex.ts";
import { ModelRegistry } from "../ports/ModelRegistry.ts";
import { Popular } from "../ports/Popular.ts";
import { Tables } from "../ports/Tables.ts";
import { UserStates } from "../ports/UserStates.ts";
import type { Probe } from "./Check.ts";

export const eventLog: Probe<EventLog> = Effect.flatMap(EventLog, ({ endOffsets }) => endOffsets);

export const modelRegistry: Probe<ModelRegistry> = Effect.flatMap(ModelRegistry, ({ state }) => state);

export const catalogue: Probe<Catalogue> = Effect.flatMap(Catalogue, ({ size }) => size);

export const popular: Probe<Popular> = Effect.flatMap(Popular, ({ get }) => get);

/** Of a model, known or not: what counts is that there is an answer. */
export const userStates = (model: string): Probe<UserStates> =>
  Effect.flatMap(UserStates, (users) => users.position(model, 0));

const nothing: Within = { rows: new Uint8Array(0), where: undefined, exclude: new Set() };

/** Of a loaded model of this rank. */
export const itemIndex = (model: string, rank: number): Probe<ItemIndex> =>
  Effect.flatMap(ItemIndex, (index) => index.search(model, new Float32Array(rank), 1, nothing));

/** Whether rows can be added to it. */
export const table = (name: string): Probe<Tables> => Effect.flatMap(Tables, (tables) => tables.writable(name));
