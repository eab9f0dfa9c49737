/** Serve: the role that answers HTTP. */
import { Layer } from "effect";
import * as Server from "../serving/Server.ts";
import { announce } from "./Address.ts";

/** Listens until interrupted; requests under way are finished first. */
export const runApi = Layer.launch(Server.layer.pipe(Layer.tap(() => announce)));
