/** Logs: the logs whose events a model has applied. */
import { Effect } from "effect";
import { type AppliedLog, decodeLogs, encodeLogs, withLog } from "../../../src/domain/AppliedLogs.ts";
import type { UserStatesService } from "../../../src/ports/UserStates.ts";
import type { StoreService } from "../../engines/lmdb/Store.ts";
import { damaged, failed, removed } from "./Failures.ts";
import type { Generations } from "./Generations.ts";
import { logsKey } from "./Keys.ts";

export const makeLogs = (
  { read, tables: { states }, write }: StoreService,
  generations: Generations,
): Pick<UserStatesService, "logs" | "addLog"> => {
  /** Within a read or a write. Undefined: none is stored; null: they cannot be decoded. */
  const stored = (generation: number): ReadonlyArray<AppliedLog> | undefined | null => {
    const bytes = states.get(logsKey(generation));
    return bytes === undefined ? undefined : (decodeLogs(Buffer.from(bytes).toString()) ?? null);
  };

  const decoded = <A>(model: string, found: A | null) =>
    found === null ? Effect.fail(damaged("logs", model, "list of logs")) : Effect.succeed(found);

  return {
    logs: (model) =>
      read(() => {
        const generation = generations.current(model);
        return generation === undefined ? [] : stored(generation);
      }).pipe(
        Effect.mapError(failed("logs")),
        Effect.flatMap((found) => decoded(model, found)),
      ),
    addLog: (model, log, unnamed) =>
      write(() => {
        const known = generations.current(model);
        const generation = known ?? generations.currentOrNew(model);
        if (generation === undefined) return "removed" as const;
        const before = known === undefined ? [] : stored(generation);
        if (before === null) return null;
        const all = withLog(before, log, unnamed);
        states.put(logsKey(generation), Buffer.from(encodeLogs(all)));
        return all;
      }).pipe(
        Effect.mapError(failed("logs")),
        Effect.flatMap((all) => (all === "removed" ? Effect.fail(removed("logs", model)) : decoded(model, all))),
      ),
  };
};
