/** Inject: strikes as the plan says, and undoes each stroke when its time is over. One stroke at a time per target. */
import { Clock, Duration, Effect, FiberSet, type Scope } from "effect";
import type { Server } from "../../test/engines/servers.ts";
import type { Fault, FaultKind, RoleKind } from "./Plan.ts";
import type { Role, Roles } from "./Roles.ts";

export interface Targets {
  readonly broker: Server;
  readonly redis: Server;
  readonly updater: ReadonlyArray<Role>;
  readonly archiver: ReadonlyArray<Role>;
  readonly roles: Roles;
}

interface Stroke {
  /** Of two strokes on one target the second waits for the first. */
  readonly target: string;
  readonly strike: Effect.Effect<void>;
  readonly undo: Effect.Effect<void>;
}

const ofServer = (name: "broker" | "redis", server: Server, how: string): Stroke => {
  if (how === "paused") return { target: name, strike: server.pause, undo: server.resume };
  return { target: name, strike: how === "killed" ? server.kill : server.stop, undo: server.start };
};

const ofRole = (role: Role, how: string): Stroke => {
  const { kill, name, pause, resume, start, stop } = role;
  if (how === "paused") return { target: name, strike: pause, undo: resume };
  return { target: name, strike: how === "killed" ? kill : stop, undo: start };
};

/** Ends when every fault has been undone; answers how often each kind struck. */
export const inject = (
  plan: ReadonlyArray<Fault>,
  targets: Targets,
  say: (line: string) => Effect.Effect<void>,
): Effect.Effect<ReadonlyMap<FaultKind, number>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const began = yield* Clock.currentTimeMillis;
    const counts = new Map<FaultKind, number>();
    const turns = new Map<string, Effect.Semaphore>();
    const strokes = yield* FiberSet.make<void, never>();
    let guests = 0;

    const strokeOf = ({ kind, target }: Fault): Effect.Effect<Stroke, never, Scope.Scope> => {
      const [what, how] = kind.split(" ") as ["broker" | "redis" | RoleKind, string];
      if (what === "broker" || what === "redis") return Effect.succeed(ofServer(what, targets[what], how));
      if (how !== "joined") return Effect.succeed(ofRole(targets[what][target % targets[what].length]!, how));
      guests += 1;
      return Effect.map(targets.roles.make(what, `${what}-guest-${guests}`), ({ name, start, stop }) => ({
        target: name,
        strike: start,
        undo: stop,
      }));
    };

    for (const fault of plan) {
      const now = (yield* Clock.currentTimeMillis) - began;
      yield* Effect.sleep(Math.max(0, fault.at - now));
      const { strike, target, undo } = yield* strokeOf(fault);
      const turn = turns.get(target) ?? Effect.unsafeMakeSemaphore(1);
      turns.set(target, turn);
      yield* Effect.gen(function* () {
        counts.set(fault.kind, (counts.get(fault.kind) ?? 0) + 1);
        const seconds = ((yield* Clock.currentTimeMillis) - began) / 1000;
        yield* say(
          `${seconds.toFixed(1).padStart(6)} s  ${fault.kind}: ${target}, for ${(fault.duration / 1000).toFixed(1)} s`,
        );
        yield* strike;
        yield* Effect.sleep(Duration.millis(fault.duration));
        yield* undo;
      }).pipe(turn.withPermits(1), FiberSet.run(strokes));
    }
    yield* Effect.raceFirst(FiberSet.awaitEmpty(strokes), FiberSet.join(strokes));
    return counts;
  });
