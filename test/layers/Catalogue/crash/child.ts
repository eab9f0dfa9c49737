/**
 * A process whose callers put items until it is killed: `node child.js FOLDER ROUND`. It prints `put ID INDEX` once a call has
 * returned. All callers take part in one list of ids, so that they meet.
 */
import { Effect, Layer } from "effect";
import { layer } from "../../../../layers/Catalogue/Embedded.ts";
import { layerAt } from "../../../../layers/engines/lmdb/Store.ts";
import { Catalogue } from "../../../../src/ports/Catalogue.ts";

const [folder, round] = process.argv.slice(2) as [string, string];

const putting = (caller: number) =>
  Effect.gen(function* () {
    const catalogue = yield* Catalogue;
    for (let i = 0; ; i++) {
      const itemId = `item-${(i * 7 + caller * 3 + Number(round) * 50) % 5000}`;
      const title = `${round}/${caller}/${i}`;
      const [item] = yield* catalogue.change([{ kind: "replace", itemId, fields: { title } }]);
      process.stdout.write(`put ${itemId} ${item!.itemIdx} ${item!.number}\n`);
    }
  });

const callers = Array.from({ length: 16 }, (_, caller) => putting(caller));
await Effect.runPromise(
  Effect.all(callers, { concurrency: "unbounded" }).pipe(Effect.provide(Layer.provide(layer, layerAt(folder)))),
);
