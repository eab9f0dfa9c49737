import { Effect, Layer } from "effect";
import { layer } from "../../../layers/ModelRegistry/Embedded.ts";
import { Store } from "../../../layers/Store/Lmdb.ts";
import { modelRegistryContract } from "../../contracts/ModelRegistry.ts";
import { temporaryStore } from "../Store/temporary.ts";

modelRegistryContract(
  "embedded",
  () => Layer.provideMerge(layer, temporaryStore),
  (text) =>
    Effect.flatMap(Store, ({ tables, write }) =>
      write(() => tables.documents.put(Buffer.from("registry"), Buffer.from(text))),
    ),
);
