/** Embedded: every port on this machine's disk: LMDB for log, state and registry, files for tables and vectors. */
import { Layer } from "effect";
import * as Catalogue from "./Catalogue/Embedded.ts";
import * as DeadLetters from "./DeadLetters/Embedded.ts";
import * as EventLog from "./EventLog/Embedded.ts";
import * as Store from "./engines/lmdb/Store.ts";
import * as Forgotten from "./Forgotten/Embedded.ts";
import * as ItemIndex from "./ItemIndex/Embedded.ts";
import * as ModelRegistry from "./ModelRegistry/Embedded.ts";
import * as Popular from "./Popular/Embedded.ts";
import * as Tables from "./Tables/Local.ts";
import * as UserStates from "./UserStates/Embedded.ts";

/** What the stream, the models and the API stand on. */
export const stores = Layer.mergeAll(
  EventLog.layer,
  DeadLetters.layer,
  UserStates.layer,
  Catalogue.layer,
  ModelRegistry.layer,
  Popular.layer,
  Forgotten.layer,
  ItemIndex.layer,
).pipe(Layer.provide(Store.layer));

export const tables = Tables.layer;
