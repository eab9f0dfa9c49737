/** Loaded: what an endpoint says, as signals of a component: asked for when it appears, when its address changes, and on demand. */
import { type ReadonlySignal, untracked, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ask, type Call, type Problem } from "./Api.ts";

export interface Loaded<A> {
  /** The last good answer, kept while another is asked for. */
  readonly value: ReadonlySignal<A | undefined>;
  readonly problem: ReadonlySignal<Problem | undefined>;
  readonly busy: ReadonlySignal<boolean>;
  readonly reload: () => void;
}

/** `what`: read anew whenever a signal in it changes; undefined asks for nothing. The newest call alone counts. */
export const useLoaded = <A>(what: () => { readonly path: string; readonly call?: Call } | undefined): Loaded<A> => {
  const value = useSignal<A | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const busy = useSignal(false);
  const turn = useSignal(0);
  const running = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  useSignalEffect(() => {
    turn.value;
    const wanted = what();
    running.current?.abort();
    if (wanted === undefined) {
      problem.value = undefined;
      busy.value = false;
      return;
    }
    const controller = new AbortController();
    running.current = controller;
    busy.value = true;
    untracked(() => ask<A>(wanted.path, { ...wanted.call, signal: controller.signal })).then((reply) => {
      if (controller.signal.aborted) return;
      busy.value = false;
      problem.value = reply.ok ? undefined : reply.problem;
      if (reply.ok) value.value = reply.value;
    });
  });
  const reload = () => {
    turn.value += 1;
  };
  return { value, problem, busy, reload };
};
