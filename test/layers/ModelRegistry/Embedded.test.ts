import { Layer } from "effect";
import { layer } from "../../../layers/ModelRegistry/Embedded.ts";
import { modelRegistryContract } from "../../contracts/ModelRegistry.ts";
import { temporaryStore } from "../Store/temporary.ts";

modelRegistryContract("embedded", () => Layer.provide(layer, temporaryStore));
