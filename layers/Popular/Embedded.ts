/** Popular in the embedded store. */
import { Layer } from "effect";
import * as Documents from "../Documents/Embedded.ts";
import * as Document from "./Document.ts";

export const layer = Layer.provide(Document.layer, Documents.layer);
