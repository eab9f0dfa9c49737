import { Layer } from "effect";
import { layer } from "../../../layers/Popular/Embedded.ts";
import { popularContract } from "../../contracts/Popular.ts";
import { temporaryStore } from "../Store/temporary.ts";

popularContract("embedded", () => Layer.provide(layer, temporaryStore));
