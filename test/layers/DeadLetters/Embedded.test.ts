import { Layer } from "effect";
import { layer } from "../../../layers/DeadLetters/Embedded.ts";
import { deadLettersContract } from "../../contracts/DeadLetters.ts";
import { temporaryStore } from "../Store/temporary.ts";

deadLettersContract("embedded", () => Layer.provide(layer, temporaryStore));
