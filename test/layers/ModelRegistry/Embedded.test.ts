import { Effect, Layer } from "effect";
import { Store } from "../../../layers/engines/lmdb/Store.ts";
import { layer } from "../../../layers/ModelRegistry/Embedded.ts";
import { modelRegistryContract } from "../../contracts/ModelRegistry.ts";
import { temporaryStore } from "../engines/lmdb/temporary.ts";

modelRegistryContract(
  "embedded",
  () => Layer.provideMerge(layer, temporaryStore),
  (text) =>
    Effect.flatMap(Store, ({ tables, write }) =>
      write(() => tables.documents.put(Buffer.from("registry"), Buffer.from(text))),
    ),
);
