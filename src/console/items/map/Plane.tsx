/** Plane: the map itself, drawn and moved, with what one points at, and its legend. */
import { type ReadonlySignal, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Button } from "../../kit/Button.tsx";
import { drawn, tokenOf } from "../../shell/Theme.ts";
import { type Colouring, codesOf, type Drawing } from "./Drawing.ts";
import { makeGl } from "./Gl.ts";
import { type Pointed, useHand } from "./Hand.ts";
import type { Layer } from "./Layer.ts";
import { Legend, strengthsOf } from "./Legend.tsx";
import { coloursOf } from "./Palette.ts";
import { makePlain } from "./Plain.ts";
import { around, type Size, sideOf, toMap, toScreen, type View, whole, zoomed } from "./View.ts";

export interface Opening {
  /** The item that is open; undefined: none. */
  readonly open: string | undefined;
  readonly onOpen: (itemId: string) => void;
}

interface Props extends Opening {
  readonly drawing: Drawing;
  readonly colours: Colouring | undefined;
}

const step = 1.6;
/** Pixels from the top within which a word stands below its point. */
const low = 64;

const isDark = (): boolean => {
  const [red = 0, green = 0, blue = 0] = (tokenOf("--ground").match(/[\d.]+/g) ?? []).map(Number);
  return red + green + blue < 380;
};

/** One button at a corner. */
const Zoom = ({ view, size }: { readonly view: { value: View }; readonly size: ReadonlySignal<Size> }) => {
  const by = (factor: number) => () => {
    const { height, width } = size.value;
    view.value = zoomed(view.value, size.value, factor, width / 2, height / 2);
  };
  const all = () => {
    view.value = whole;
  };
  return (
    <div class="map-zoom">
      <Button size="s" aria-label="Nearer" onClick={by(step)}>
        +
      </Button>
      <Button size="s" aria-label="Farther" onClick={by(1 / step)}>
        −
      </Button>
      <Button size="s" aria-label="All of the map" onClick={all}>
        ⤢
      </Button>
    </div>
  );
};

export const Plane = ({
  drawing,
  colours,
  open,
  onOpen,
}: Props & { readonly drawing: Drawing; readonly colours: Colouring | undefined }) => {
  const place = useRef<HTMLElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const layer = useRef<Layer | undefined>(undefined);
  const view = useSignal<View>(whole);
  const size = useSignal<Size>({ width: 1, height: 1 });
  const pointed = useSignal<Pointed | undefined>(undefined);
  const alone = useSignal<number | undefined>(undefined);
  const told = useSignal(colours);
  const frame = useRef(0);
  told.value = colours;

  const palette = useComputed(() => {
    drawn.value;
    return coloursOf(told.value?.values.length ?? 1, told.value?.ordered ?? false, isDark());
  });
  const strengths = useComputed(() => strengthsOf(told.value, alone.value, palette.value.length));
  const found = useComputed(() => {
    const { value } = pointed;
    if (value === undefined) return -1;
    const [x, y] = toMap(view.value, size.value, ...value.at);
    const isBack = (point: number) => (strengths.value[told.value?.codes[point] ?? 1] ?? 1) < 1;
    return drawing.grid().nearest(x, y, value.reach / sideOf(view.value, size.value), isBack);
  });
  const show = (code: number | undefined): void => {
    alone.value = code;
  };
  const pick = (): void => {
    if (found.value >= 0) onOpen(drawing.idOf(found.value));
  };
  useHand(place, { view, size, pointed, onPick: pick });

  const draw = (): void => {
    const { current } = canvas;
    if (current === null) return;
    const density = Math.min(2, devicePixelRatio);
    const { height, width } = size.value;
    const [across, down] = [Math.max(1, Math.round(width * density)), Math.max(1, Math.round(height * density))];
    if (current.width !== across) current.width = across;
    if (current.height !== down) current.height = down;
    layer.current?.draw({
      ...{ view: view.value, size: size.value, density },
      colours: palette.value,
      strengths: strengths.value,
    });
  };
  useEffect(() => {
    const { current } = canvas;
    if (current === null) return;
    const made = makeGl(current, drawing.points) ?? makePlain(current, drawing.points);
    made?.setCodes(codesOf(drawing, told.value));
    layer.current = made;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) size.value = { width: entry.contentRect.width, height: entry.contentRect.height };
    });
    observer.observe(current);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame.current);
      made?.close();
    };
  }, [drawing]);
  useSignalEffect(() => {
    layer.current?.setCodes(codesOf(drawing, told.value));
    alone.value = undefined;
  });
  // At most once a frame, whatever changes in it.
  useSignalEffect(() => {
    [view.value, size.value, palette.value, strengths.value, told.value];
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(draw);
  });
  const chosen = useMemo(() => (open === undefined ? -1 : drawing.pointOf(open)), [drawing, open]);
  const seenAt = (point: number) => toScreen(view.value, size.value, ...drawing.placeOf(point));
  useEffect(() => {
    if (chosen < 0) return;
    const [left, top] = seenAt(chosen);
    const isSeen = left > 0 && top > 0 && left < size.value.width && top < size.value.height;
    if (!isSeen) view.value = around(view.value, ...drawing.placeOf(chosen));
  }, [chosen]);

  const ringOf = (point: number) => {
    const [left, top] = seenAt(point);
    return { left: `${left}px`, top: `${top}px` };
  };
  /** To which side of its point a word stands: it is at most as wide as three fifths of the map. */
  const besideOf = (point: number): string => {
    const [left, top] = seenAt(point);
    const third = size.value.width / 3;
    return `${top < low ? "map-low" : ""} ${left < third ? "map-left" : left > 2 * third ? "map-right" : ""}`;
  };
  const look = view.value.zoom > 1 ? "map map-near" : "map";
  const value = colours?.values[(colours.codes[found.value] ?? 0) - 1];
  return (
    <>
      <div class="map-place">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is moved by keys must be reached by them */}
        <section ref={place} class={look} tabIndex={0} aria-label="Map of items" aria-describedby="map-keys">
          <canvas ref={canvas} />
          {chosen < 0 ? null : <span class="map-ring map-chosen" style={ringOf(chosen)} />}
          {found.value < 0 ? null : (
            <>
              <span class="map-ring" style={ringOf(found.value)} />
              <div class={`map-word ${besideOf(found.value)}`} style={ringOf(found.value)} role="status">
                <strong dir="auto">{drawing.nameOf(found.value) || drawing.idOf(found.value)}</strong>
                <span class="soft">
                  {drawing.idOf(found.value)}
                  {value === undefined ? "" : ` · ${value}`}
                </span>
              </div>
            </>
          )}
        </section>
        <Zoom view={view} size={size} />
      </div>
      {colours === undefined ? null : (
        <Legend colours={colours} palette={palette.value} alone={alone.value} onAlone={show} />
      )}
    </>
  );
};
