import { Layer } from "effect";
import { layer } from "../../../layers/UserStates/Embedded.ts";
import { userStatesContract } from "../../contracts/UserStates.ts";
import { temporaryStore } from "../Store/temporary.ts";

userStatesContract("embedded", () => Layer.provide(layer, temporaryStore));
