import { Effect, Layer } from "effect";
import { layer } from "../../../layers/Popular/Embedded.ts";
import { Store } from "../../../layers/Store/Lmdb.ts";
import { popularContract } from "../../contracts/Popular.ts";
import { temporaryStore } from "../Store/temporary.ts";

popularContract(
  "embedded",
  () => Layer.provideMerge(layer, temporaryStore),
  (text) =>
    Effect.flatMap(Store, ({ tables, write }) =>
      write(() => tables.documents.put(Buffer.from("popular"), Buffer.from(text))),
    ),
);
