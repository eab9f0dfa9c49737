import { Effect, Layer } from "effect";
import { Store } from "../../../layers/engines/lmdb/Store.ts";
import { layer } from "../../../layers/Forgotten/Embedded.ts";
import { forgottenContract } from "../../contracts/Forgotten.ts";
import { temporaryStore } from "../engines/lmdb/temporary.ts";

forgottenContract(
  "embedded",
  () => Layer.provideMerge(layer, temporaryStore),
  (hash, text) =>
    Effect.flatMap(Store, ({ tables, write }) =>
      write(() => tables.documents.put(Buffer.from(`forgotten/${hash}`), Buffer.from(text))),
    ),
);
