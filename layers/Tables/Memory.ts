/** Memory: Delta tables in this process's memory. */
import { Effect, Layer } from "effect";
import { Tables } from "../../src/ports/Tables.ts";
import { makeDeltaTables } from "./delta/DeltaTables.ts";
import * as Memory from "./objects/Memory.ts";
import { Objects } from "./objects/Objects.ts";

export const layer: Layer.Layer<Tables> = Layer.provide(
  Layer.effect(
    Tables,
    Effect.flatMap(Objects, (objects) => makeDeltaTables(objects, "/tables")),
  ),
  Memory.layer,
);
