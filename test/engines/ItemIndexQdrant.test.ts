/** The contract of ItemIndex on Qdrant's own engine and published OpenAPI; and on a live Qdrant when QDRANT_URL is set. */
import { it } from "@effect/vitest";
import { Effect, Layer, Redacted, Schema } from "effect";
import { qdrant } from "../../layers/engines/qdrant/Settings.ts";
import { itemIndexContract } from "../contracts/ItemIndex.ts";
import { Collections, layerAt, qdrantServer } from "./qdrantServer.ts";

const key = "the-key-of-this-test";

itemIndexContract("qdrant", () =>
  Layer.unwrapScoped(Effect.map(qdrantServer(key), ({ url }) => layerAt(url, { QDRANT_API_KEY: key }))),
);

const live = process.env.QDRANT_URL ?? "";
const liveCollection = `test-${process.pid}`;
/** Leaves the server as it was. */
const cleared = (apiKey: string) =>
  Effect.promise(async () => {
    const headers = { "api-key": apiKey };
    const { result } = Schema.decodeUnknownSync(Schema.Struct({ result: Collections }))(
      await (await fetch(new URL("/collections", live), { headers })).json(),
    );
    for (const { name } of result.collections) {
      if (!name.startsWith(`${liveCollection}_`)) continue;
      await fetch(new URL(`/collections/${encodeURIComponent(name)}`, live), { method: "DELETE", headers });
    }
  });
const liveLayer = () =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      const apiKey = Redacted.value(yield* qdrant.apiKey.config);
      yield* Effect.addFinalizer(() => cleared(apiKey));
      return layerAt(live, { QDRANT_COLLECTION: liveCollection, QDRANT_API_KEY: apiKey });
    }),
  );
if (live !== "") itemIndexContract(`live Qdrant at ${live}`, liveLayer);
else it.skip("live Qdrant: set QDRANT_URL to run the contract against it", () => {});
