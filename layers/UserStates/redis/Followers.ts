/**
 * Followers: what was counted of followers, in fields of the slot's hash, so that it is written in one step with the trend:
 * `followers` and `followersNext` are the snapshot, `journal` says how many chunks came after it, `journal:1` and so on. Earlier
 * versions neither read nor write these fields, and remove them with the model.
 */
import { Effect } from "effect";
import { encodeSnapshot } from "../../../src/domain/FollowerCounts.ts";
import type { FollowersWrite, UserStatesService } from "../../../src/ports/UserStates.ts";
import {
  chunkBytes,
  encodeFrame,
  followersAfter,
  followersAnew,
  noFollowers,
  type StoredFollowers,
} from "../FollowersCodec.ts";
import { bytesOf, damaged, evaluateBytes, failed, type RedisModels } from "./Models.ts";
import { decodeOffset } from "./Offsets.ts";
import { readFollowers } from "./Scripts.ts";

/** What the script that writes a trend takes of them. */
export const followerArguments = (
  next: bigint,
  followers: FollowersWrite | undefined,
): ReadonlyArray<string | Uint8Array> => {
  if (followers === undefined) return ["", "", ""];
  const { _tag } = followers;
  const bytes = _tag === "append" ? encodeFrame(next, followers.events) : bytesOf(encodeSnapshot(followers.snapshot));
  return [_tag, bytes, String(chunkBytes)];
};

/** Undefined for what the script does not answer of whole fields. */
const storedOf = (
  since: bigint | undefined,
  [at, begins, snapshot, count, ...chunks]: ReadonlyArray<Buffer>,
): StoredFollowers | undefined => {
  const snapshotNext = at!.length === 0 ? undefined : decodeOffset(at!);
  const known = count!.length === 0 ? 0n : decodeOffset(count!);
  if (known === undefined || (at!.length > 0 && snapshotNext === undefined)) return undefined;
  if (known > 0n ? chunks.length === 0 : chunks.length > 0) return undefined;
  if (since === undefined && BigInt(chunks.length) !== known) return undefined;
  return { snapshotNext, snapshot: begins!.length > 0 ? snapshot : undefined, chunks };
};

export const makeRedisFollowers = ({ slotKey, under }: RedisModels): UserStatesService["followers"] => {
  return (model, slot, since) =>
    Effect.gen(function* () {
      const look = (from: bigint | undefined) =>
        under(model, (connection, generation) =>
          evaluateBytes(connection, readFollowers, slotKey(model, generation, slot), String(from ?? "")),
        ).pipe(Effect.mapError(failed("followers")));

      const found = yield* look(since);
      if (found === undefined) return noFollowers(since);
      const stored = storedOf(since, found.answer);
      let read = stored && followersAfter(since, stored);
      if (read === "anew") {
        const all = yield* look(undefined);
        if (all === undefined) return noFollowers(since);
        const whole = storedOf(undefined, all.answer);
        read = whole && followersAnew(whole);
      }
      return read ?? (yield* damaged("followers", model, `counts of followers of slot ${slot}`));
    });
};
