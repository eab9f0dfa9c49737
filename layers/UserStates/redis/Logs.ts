/** Logs: the logs whose events a model has applied, and what is kept by their slots. */
import { Effect } from "effect";
import { type AppliedLog, decodeLogs, encodeLogs, slotsOf, withLog } from "../../../src/domain/AppliedLogs.ts";
import type { UserStatesError, UserStatesService } from "../../../src/ports/UserStates.ts";
import { decodeTrend } from "../TrendCodec.ts";
import { damaged, evaluate, failed, type RedisModels } from "./Models.ts";
import { swapText } from "./Scripts.ts";

/** The model's logs, and as they are stored: "" where they are not. */
interface LogsText {
  readonly text: string;
  readonly logs: ReadonlyArray<AppliedLog> | undefined;
}

export const makeRedisLogs = ({ ensure, logsKey, slotKey, under }: RedisModels) => {
  const ofSlot = <A>(
    field: "position" | "trend",
    model: string,
    slot: number,
    decode: (bytes: Buffer) => A | undefined,
  ): Effect.Effect<A | undefined, UserStatesError> =>
    under(model, (connection, generation) => connection.hgetBuffer(slotKey(model, generation, slot), field)).pipe(
      Effect.mapError(failed(field)),
      Effect.flatMap((found) => {
        const bytes = found?.answer ?? undefined;
        if (bytes === undefined) return Effect.succeed(undefined);
        const decoded = decode(bytes);
        return decoded === undefined ? damaged(field, model, `${field} of slot ${slot}`) : Effect.succeed(decoded);
      }),
    );

  const logsText = (model: string) =>
    under(model, (connection, generation) => connection.get(logsKey(model, generation))).pipe(
      Effect.mapError(failed("logs")),
      Effect.flatMap((found) => {
        const text = found?.answer ?? "";
        if (text === "") return Effect.succeed<LogsText>({ text, logs: found === undefined ? [] : undefined });
        const logs = decodeLogs(text);
        return logs === undefined ? damaged("logs", model, "list of logs") : Effect.succeed<LogsText>({ text, logs });
      }),
    );

  const addLog: UserStatesService["addLog"] = (model, log, unnamed) =>
    Effect.gen(function* () {
      while (true) {
        const isNew = yield* ensure("logs", model);
        const { logs, text } = yield* logsText(model);
        const all = withLog(isNew ? (logs ?? []) : logs, log, unnamed);
        const wanted = encodeLogs(all);
        if (wanted === text) return all;
        const swapped = yield* under(model, (connection, generation) =>
          evaluate(connection, swapText, logsKey(model, generation), text, wanted),
        ).pipe(Effect.mapError(failed("logs")));
        if (swapped?.answer === 1) return all;
      }
    });

  const trends: UserStatesService["trends"] = (model, partitions) =>
    Effect.gen(function* () {
      const { logs } = yield* logsText(model);
      const slots = slotsOf(logs ?? [{ identity: "", partitions }]);
      const found = yield* Effect.forEach(slots, (slot) => ofSlot("trend", model, slot, decodeTrend), {
        concurrency: "unbounded",
      });
      return found.filter((trend) => trend !== undefined);
    });

  return { ofSlot, logs: (model: string) => Effect.map(logsText(model), ({ logs }) => logs), addLog, trends };
};
