/** Serve: the role that answers HTTP. */
import { HttpServer } from "@effect/platform";
import { Effect, Layer } from "effect";
import * as Server from "../serving/Server.ts";

const announce = HttpServer.addressWith((address) =>
  Effect.logInfo(`listening on ${HttpServer.formatAddress(address).replace("0.0.0.0", "127.0.0.1")}`),
);

/** Listens until interrupted; requests under way are finished first. */
export const runApi = Layer.launch(Server.layer.pipe(Layer.tap(() => announce)));
