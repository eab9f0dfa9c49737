/** FactorRows: what models of before learnt of users who are forgotten, out of the tables that they could be loaded from again. */
import { Effect, Stream } from "effect";
import { ifThere } from "../datasets/IfThere.ts";
import type { Model } from "../domain/Model.ts";
import { userFactors } from "../domain/ModelTables.ts";
import { factorsOf, isCold } from "../models/Factors.ts";
import { Tables } from "../ports/Tables.ts";

/** Makes the users of these indices cold: known to the model, and without anything learnt. */
export const coolFactors = (model: Model, indices: ReadonlySet<number>) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const { name, schema } = userFactors(model.id);
    const found = yield* ifThere(
      tables.read(name).pipe(
        Stream.filter((batch) => {
          const { features, ids } = factorsOf(batch);
          return Array.from(ids).some((id, row) => indices.has(id) && !isCold(features[row] ?? new Float32Array()));
        }),
        Stream.runHead,
      ),
    );
    if (found === undefined || found._tag === "None") return;
    const cooled = tables.read(name).pipe(
      Stream.map((batch) => {
        const { features, ids } = factorsOf(batch);
        const cold = Array.from(features, (vector, row) =>
          indices.has(ids[row] ?? -1) ? new Float32Array(vector.length) : vector,
        );
        return { rows: batch.rows, columns: { id: Int32Array.from(ids), features: cold } };
      }),
    );
    yield* tables.overwrite(name, schema, cooled);
  });
