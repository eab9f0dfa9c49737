import { expect, it } from "@effect/vitest";
import { Deferred, Duration, Effect, Exit, Fiber, Logger, Queue, Scope } from "effect";
import * as fc from "fast-check";
import { makeAssignment } from "../../../../layers/EventLog/kafka/Assignment.ts";
import type { Coordinator, Member } from "../../../../layers/EventLog/kafka/Coordinator.ts";
import { runMembership } from "../../../../layers/EventLog/kafka/Membership.ts";
import { KafkaFailure, type Kind } from "../../../../layers/engines/kafka/KafkaFailure.ts";
import type { Signal } from "../../../../src/ports/EventLog.ts";
import { VirtualClock } from "../../../support/VirtualClock.ts";

const partitions = 4;
const sessionTimeout = Duration.seconds(10);
const releaseTimeout = Duration.seconds(8);

type Command =
  | { readonly _tag: "rebalance"; readonly partitions: ReadonlyArray<number> }
  | { readonly _tag: "expel" | "outdate" | "refuseCommit" | "overtake" | "outage" | "recovery" }
  | { readonly _tag: "slow"; readonly millis: number }
  | { readonly _tag: "run"; readonly steps: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      _tag: fc.constant("rebalance" as const),
      partitions: fc.uniqueArray(fc.nat(partitions - 1)),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      _tag: fc.constantFrom(
        "expel" as const,
        "outdate" as const,
        "refuseCommit" as const,
        "overtake" as const,
        "outage" as const,
        "recovery" as const,
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ _tag: fc.constant("slow" as const), millis: fc.nat(12_000) }) },
  { weight: 8, arbitrary: fc.record({ _tag: fc.constant("run" as const), steps: fc.integer({ min: 1, max: 60 }) }) },
);

const refusal = (kind: Kind) => new KafkaFailure({ kind, operation: "scripted", message: kind });

/** A group of which this member sees only the answers. */
class ScriptedGroup implements Pick<Coordinator, "join" | "heartbeat"> {
  generation = 0;
  next: ReadonlyArray<number> = [0, 1, 2, 3];
  current: Member | undefined;
  verdict: Kind | undefined;
  outage = false;
  /** The next join, and the first, is overtaken by somebody else's: the member is in, and has to join again. */
  overtaken = true;
  /** Joins as somebody new of a member that the group still waits for. */
  phantoms = 0;
  readonly left: Array<string> = [];
  constructor(readonly onJoin: () => void) {}

  private readonly answer = <A>(give: () => Effect.Effect<A, KafkaFailure>): Effect.Effect<A, KafkaFailure> =>
    Effect.zipRight(
      Effect.yieldNow(),
      Effect.suspend(() => (this.outage ? refusal("connection") : give())),
    );
  readonly join = (memberId: string, given: (memberId: string) => void) =>
    this.answer(() => {
      this.onJoin();
      if (memberId === "" && this.current !== undefined) this.phantoms += 1;
      if (memberId !== "" && memberId !== this.current?.id) return refusal("expelled");
      this.generation += 1;
      this.verdict = undefined;
      this.current = {
        id: memberId === "" ? `member-${this.generation}` : memberId,
        generation: this.generation,
        partitions: this.next,
      };
      given(this.current.id);
      if (!this.overtaken) return Effect.succeed(this.current);
      this.overtaken = false;
      return refusal("rebalancing");
    });
  readonly heartbeat = (member: Member) =>
    this.answer(() => {
      if (member.id !== this.current?.id) return refusal("expelled");
      return this.verdict === undefined ? Effect.void : refusal(this.verdict);
    });
}

const play = (script: ReadonlyArray<Command>) =>
  Effect.gen(function* () {
    const clock = new VirtualClock();
    let epoch = 0;
    const assignment = makeAssignment(() => ++epoch, 1000);
    const group = new ScriptedGroup(() => {
      expect(assignment.all(), "a member that joins has let go of everything").toEqual([]);
    });
    const signals = yield* Queue.bounded<Signal>(4 * partitions);
    const scope = yield* Scope.make();
    const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.withClock(effect, clock.clock);
    const membership = yield* runMembership({
      group: "g",
      heartbeat: Duration.seconds(1),
      sessionTimeout,
      releaseTimeout,
      coordinator: group,
      leave: (memberId) => Effect.sync(() => void group.left.push(memberId)),
      assignment,
      signals,
      changed: () => undefined,
    }).pipe(Scope.extend(scope), timed);

    /** The consumer: what it believes to own, and how long it takes to let go. */
    let slowness = 0;
    const believed = new Map<number, number>();
    const dones: Array<Deferred.Deferred<void>> = [];
    const assigned = new Set<number>();
    const released = new Map<number, Array<string>>();
    const consumer = yield* Queue.take(signals).pipe(
      Effect.flatMap((signal) => {
        const { partition } = signal;
        if (signal._tag === "Assigned") {
          expect(assigned.has(signal.epoch), "an epoch begins once").toBe(false);
          assigned.add(signal.epoch);
          expect(signal.epoch).toBeGreaterThan(believed.get(partition) ?? 0);
          believed.set(partition, signal.epoch);
          return Effect.void;
        }
        released.set(signal.epoch, [...(released.get(signal.epoch) ?? []), signal.reason]);
        dones.push(signal.done);
        expect(assignment.take(partition, signal.epoch, 0n, 1)).toBe("released");
        if (signal.reason === "lost") expect(assignment.mayCommit(partition, signal.epoch)).toBe(false);
        return Effect.sleep(signal.reason === "lost" ? 0 : slowness).pipe(
          Effect.zipRight(Deferred.succeed(signal.done, undefined)),
          Effect.forkDaemon,
        );
      }),
      Effect.forever,
      timed,
      Effect.forkDaemon,
    );
    const run = (steps: number) => Effect.repeatN(clock.step(100), steps);

    yield* run(5);
    for (const step of script) {
      if (step._tag === "rebalance") {
        group.next = step.partitions;
        group.verdict = "rebalancing";
      } else if (step._tag === "expel") group.current = undefined;
      else if (step._tag === "outdate") group.verdict = "outdated";
      else if (step._tag === "overtake") group.overtaken = true;
      else if (step._tag === "refuseCommit") {
        group.current = undefined;
        const member = membership.member();
        if (member !== undefined) yield* membership.refused(member, refusal("expelled"));
      } else if (step._tag === "outage") group.outage = true;
      else if (step._tag === "recovery") group.outage = false;
      else if (step._tag === "slow") slowness = step.millis;
      else if (step._tag === "run") yield* run(step.steps);
    }
    group.outage = false;
    group.next = [0, 1, 2, 3];
    yield* run(300);
    // Left alone, the member owns again what the group gave it, and told so.
    const member = membership.member();
    expect(assignment.all().map(({ partition }) => partition)).toEqual([...(member?.partitions ?? [-1])].sort());
    for (const { epoch } of assignment.all()) {
      expect(assigned.has(epoch)).toBe(true);
      expect(released.has(epoch)).toBe(false);
    }

    const closing = yield* Effect.fork(timed(Scope.close(scope, Exit.void)));
    for (let round = 0; round < 400 && (yield* Fiber.poll(closing))._tag === "None"; round++) yield* run(1);
    expect((yield* Fiber.poll(closing))._tag, "closing ends").toBe("Some");
    yield* run(150);
    expect(assignment.all()).toEqual([]);
    expect(group.phantoms, "it joins again as the member that it is").toBe(0);
    expect(group.left, "it leaves as the member that it was").toEqual([member?.id]);
    for (const done of dones) expect(yield* Deferred.isDone(done)).toBe(true);
    for (const epoch of assigned) expect(released.has(epoch), `epoch ${epoch} was released`).toBe(true);
    for (const reasons of released.values()) {
      // One release per epoch; a drain that is overtaken by a loss is told so.
      expect(reasons.length === 1 || (reasons.length === 2 && reasons[1] === "lost")).toBe(true);
    }
    const failure = yield* Fiber.poll(consumer);
    if (failure._tag === "Some" && !Exit.isInterrupted(failure.value)) yield* failure.value;
  }).pipe(Effect.provide(Logger.remove(Logger.defaultLogger)));

it("lets go of everything before it joins again, and ends every epoch once, in any script", () =>
  fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 25 }), (script) => Effect.runPromise(play(script))),
    { numRuns: 60 },
  ));

it("a member that cannot be heard gives its partitions up by itself within the session timeout", () =>
  Effect.gen(function* () {
    const clock = new VirtualClock();
    let epoch = 0;
    const assignment = makeAssignment(() => ++epoch, 1000);
    const group = new ScriptedGroup(() => undefined);
    const signals = yield* Queue.bounded<Signal>(4 * partitions);
    yield* runMembership({
      group: "g",
      heartbeat: Duration.seconds(1),
      sessionTimeout,
      releaseTimeout,
      coordinator: group,
      leave: () => Effect.void,
      assignment,
      signals,
      changed: () => undefined,
    }).pipe(Effect.withClock(clock.clock));
    yield* Effect.repeatN(clock.step(100), 10);
    expect(assignment.all()).toHaveLength(partitions);
    group.outage = true;
    yield* Effect.repeatN(clock.step(100), 80);
    expect(assignment.all()).toHaveLength(partitions);
    yield* Effect.repeatN(clock.step(100), 30);
    expect(assignment.all()).toEqual([]);
    const told = Array.from(yield* Queue.takeAll(signals));
    expect(told.slice(partitions)).toMatchObject(
      Array.from({ length: partitions }, (_, partition) => ({ _tag: "Released", reason: "lost", partition })),
    );
    group.outage = false;
    for (const signal of told) if (signal._tag === "Released") yield* Deferred.succeed(signal.done, undefined);
    const closing = yield* Effect.fork(Effect.repeatN(clock.step(100), 200));
    yield* Fiber.join(closing);
    expect(assignment.all().map(({ epoch }) => epoch)).toEqual([5, 6, 7, 8]);
    yield* Effect.forkDaemon(Effect.repeatN(clock.step(100), 2000));
  }).pipe(Effect.scoped, Effect.provide(Logger.remove(Logger.defaultLogger)), Effect.runPromise));
