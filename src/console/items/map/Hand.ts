/** Hand: how the map is moved: by a mouse, by one finger or two, by the wheel, by keys. */
import type { Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { moved, type Size, type View, whole, zoomed } from "./View.ts";

export interface Pointed {
  /** In pixels from the corner. */
  readonly at: readonly [number, number];
  /** Pixels within which a point is meant: by keys one points less exactly. */
  readonly reach: number;
}

interface Hand {
  readonly view: Signal<View>;
  readonly size: Signal<Size>;
  /** Undefined: one points nowhere. */
  readonly pointed: Signal<Pointed | undefined>;
  readonly onPick: () => void;
}

const near = 14;
const far = 300;
/** Pixels that a press may move and still be one. */
const still = 5;
/** Of arrow keys, in pixels. */
const stride = 60;
const step = 1.5;

/** Middle of the places, and how far they are apart. */
const spread = (places: ReadonlyArray<readonly [number, number]>) => {
  const [a = [0, 0], b = a] = places;
  return { left: (a[0] + b[0]) / 2, top: (a[1] + b[1]) / 2, apart: Math.hypot(a[0] - b[0], a[1] - b[1]) };
};

/** Listens to the element while it is drawn. */
export const useHand = (place: { readonly current: HTMLElement | null }, { view, size, pointed, onPick }: Hand): void =>
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const pressed = new Map<number, readonly [number, number]>();
    let travelled = 0;
    const at = (event: MouseEvent): readonly [number, number] => {
      const { left, top } = element.getBoundingClientRect();
      return [event.clientX - left, event.clientY - top];
    };
    const down = (event: PointerEvent): void => {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      if (pressed.size === 0) travelled = 0;
      pressed.set(event.pointerId, at(event));
    };
    const move = (event: PointerEvent): void => {
      const now = at(event);
      if (!pressed.has(event.pointerId)) {
        pointed.value = { at: now, reach: near };
        return;
      }
      const before = spread([...pressed.values()]);
      pressed.set(event.pointerId, now);
      const after = spread([...pressed.values()]);
      travelled += Math.hypot(after.left - before.left, after.top - before.top) + Math.abs(after.apart - before.apart);
      const next = moved(view.value, size.value, after.left - before.left, after.top - before.top);
      const factor = before.apart > 0 && after.apart > 0 ? after.apart / before.apart : 1;
      view.value = zoomed(next, size.value, factor, after.left, after.top);
      pointed.value = travelled > still ? undefined : { at: now, reach: near };
    };
    const up = (event: PointerEvent): void => {
      const last = at(event);
      const isPick = pressed.delete(event.pointerId) && pressed.size === 0 && travelled <= still;
      if (!isPick || event.type === "pointercancel") return;
      pointed.value = { at: last, reach: near };
      onPick();
    };
    const leave = (): void => {
      if (document.activeElement !== element) pointed.value = undefined;
    };
    const wheel = (event: WheelEvent): void => {
      const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
      const next = zoomed(view.value, size.value, Math.exp(-pixels / 300), ...at(event));
      // Where all of it is seen already, the page goes on below.
      if (next.zoom === 1 && view.value.zoom === 1) return;
      event.preventDefault();
      view.value = next;
    };
    const middle = (): readonly [number, number] => [size.value.width / 2, size.value.height / 2];
    const looks: Readonly<Record<string, (now: View) => View>> = {
      ArrowLeft: (now) => moved(now, size.value, stride, 0),
      ArrowRight: (now) => moved(now, size.value, -stride, 0),
      ArrowUp: (now) => moved(now, size.value, 0, stride),
      ArrowDown: (now) => moved(now, size.value, 0, -stride),
      "+": (now) => zoomed(now, size.value, step, ...middle()),
      "=": (now) => zoomed(now, size.value, step, ...middle()),
      "-": (now) => zoomed(now, size.value, 1 / step, ...middle()),
      "0": () => whole,
      Enter: (now) => now,
    };
    const key = (event: KeyboardEvent): void => {
      const look = event.ctrlKey || event.metaKey || event.altKey ? undefined : looks[event.key];
      if (look === undefined) return;
      event.preventDefault();
      // By keys one points at what is in the middle.
      pointed.value = { at: middle(), reach: far };
      view.value = look(view.value);
      if (event.key === "Enter") onPick();
    };
    const focus = (): void => {
      if (element.matches(":focus-visible")) pointed.value = { at: middle(), reach: far };
    };
    const blur = (): void => {
      pointed.value = undefined;
    };
    const listeners = Object.entries({
      ...{ pointerdown: down, pointermove: move, pointerup: up, pointercancel: up, pointerleave: leave },
      ...{ wheel, keydown: key, focus, blur },
    }) as ReadonlyArray<[string, (event: Event) => void]>;
    for (const [name, listener] of listeners) element.addEventListener(name, listener, { passive: false });
    return () => {
      for (const [name, listener] of listeners) element.removeEventListener(name, listener);
    };
  }, []);
