/** A service whose operations fail while it is away. */
import { Effect, Stream } from "effect";

export interface Switch {
  away: boolean;
}

/** `service` with every operation, effect, stream or function of them, failing with `error` while `control.away`. */
export const awayWhen = <S extends object>(service: S, control: Switch, error: () => unknown): S => {
  const guard = (operation: unknown): unknown => {
    if (Effect.isEffect(operation)) {
      return Effect.suspend(() => (control.away ? Effect.fail(error()) : (operation as Effect.Effect<unknown>)));
    }
    if (typeof operation === "function") return (...args: ReadonlyArray<unknown>) => guard(operation(...args));
    if (typeof operation === "object" && operation !== null && Stream.StreamTypeId in operation) {
      return Stream.suspend(() => (control.away ? Stream.fail(error()) : (operation as Stream.Stream<unknown>)));
    }
    return operation;
  };
  return Object.fromEntries(Object.entries(service).map(([name, operation]) => [name, guard(operation)])) as S;
};
