/** Spill: the folder of an engine's spill files, which is gone with it. */
import { Effect, type Scope } from "effect";
import type { SqlError } from "../../../src/ports/Sql.ts";
import { ownFolder } from "../../Processes/OwnFolder.ts";
import { unwritable } from "./SqlErrors.ts";

export interface Spill {
  readonly folder: string;
  /** The folder, once it is there; fails as Full where it could not be made. */
  readonly made: Effect.Effect<string, SqlError>;
}

/** A folder below `root` until the scope closes. Where it cannot be made, an engine works until it must spill. */
export const openSpill = (root: string): Effect.Effect<Spill, never, Scope.Scope> =>
  Effect.map(ownFolder(root), ({ folder, made }) => ({
    folder,
    made: Effect.mapError(made, (cause) => unwritable(folder, cause)),
  }));
