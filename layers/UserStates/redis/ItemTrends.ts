/** ItemTrends: what the batch's events weigh per item, as it was loaded: `itemTrends` says in how many parts, `itemTrends:0` and so on. */
import { Effect } from "effect";
import type { ItemTrends } from "../../../src/domain/TrendLadder.ts";
import type { UserStatesService } from "../../../src/ports/UserStates.ts";
import { Redis } from "../../engines/redis/Client.ts";
import { decodeItemTrends, encodeItemTrends } from "../ItemTrendsCodec.ts";
import { bytesOf, damaged, failed, type RedisModels } from "./Models.ts";

export const makeRedisItemTrends = ({ base, under }: RedisModels) =>
  Effect.gen(function* () {
    const { use } = yield* Redis;
    const countKey = (model: string, generation: string) => `${base(model, generation)}:itemTrends`;
    const partKey = (model: string, generation: string, part: number) => `${countKey(model, generation)}:${part}`;

    const loadItemTrends = (model: string, generation: string, trends: ItemTrends) =>
      Effect.gen(function* () {
        const parts = encodeItemTrends(trends);
        if (parts.length === 0) return;
        for (const [part, bytes] of parts.entries()) {
          yield* use((connection) => connection.set(partKey(model, generation, part), bytesOf(bytes)));
        }
        yield* use((connection) => connection.set(countKey(model, generation), String(parts.length)));
      });

    const itemTrends: UserStatesService["itemTrends"] = (model) =>
      under(model, async (connection, generation) => {
        const count = await connection.get(countKey(model, generation));
        if (count === null) return undefined;
        const parts: Array<Buffer | null> = [];
        for (let part = 0; part < Number(count); part++) {
          parts.push(await connection.getBuffer(partKey(model, generation, part)));
        }
        return parts;
      }).pipe(
        Effect.mapError(failed("itemTrends")),
        Effect.flatMap((found) => {
          const parts = found?.answer;
          if (parts === undefined) return Effect.succeed(undefined);
          const trends = decodeItemTrends(parts.map((part) => part ?? new Uint8Array()));
          return trends === undefined
            ? damaged("itemTrends", model, "list of what trends")
            : Effect.succeed<ItemTrends | undefined>(trends);
        }),
      );
    return { loadItemTrends, itemTrends };
  });
