import { Effect, Layer } from "effect";
import { Store } from "../../../layers/engines/lmdb/Store.ts";
import { layer } from "../../../layers/Popular/Embedded.ts";
import { popularContract } from "../../contracts/Popular.ts";
import { temporaryStore } from "../engines/lmdb/temporary.ts";

popularContract(
  "embedded",
  () => Layer.provideMerge(layer, temporaryStore),
  (text) =>
    Effect.flatMap(Store, ({ tables, write }) =>
      write(() => tables.documents.put(Buffer.from("popular"), Buffer.from(text))),
    ),
);
