/** Popular on Redis. */
import { Layer } from "effect";
import * as Documents from "../Documents/Redis.ts";
import * as Document from "./Document.ts";

export const layer = Layer.provide(Document.layer, Documents.layer);
