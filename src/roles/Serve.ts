/** Serve: the role that answers HTTP. */
import { Layer } from "effect";
import * as Adopt from "../catalogue/Adopt.ts";
import { announce } from "../http/Address.ts";
import * as Server from "../http/Server.ts";

/** Listens until interrupted; requests under way are finished first. */
export const runApi = Layer.launch(
  Server.layer.pipe(
    Layer.tap(() => announce),
    Layer.provide(Adopt.layer),
  ),
);
