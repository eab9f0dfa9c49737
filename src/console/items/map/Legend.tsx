/** Legend: the values of the map's colours with how many items have each; one that is pressed is shown alone. */
import { compact } from "../../kit/Format.ts";
import type { Colouring } from "./Drawing.ts";
import { type Colour, css, named } from "./Palette.ts";

interface Props {
  readonly colours: Colouring;
  readonly palette: ReadonlyArray<Colour>;
  /** The code that is shown alone; undefined: all. */
  readonly alone: number | undefined;
  readonly onAlone: (code: number | undefined) => void;
}

interface Row {
  readonly code: number;
  readonly label: string;
  readonly count: number;
}

/** Of values that have a colour of their own; the rest together. */
export const rowsOf = ({ codes, counts, ordered, others, values }: Colouring): ReadonlyArray<Row> => {
  const shown = ordered ? values.length : Math.min(named, values.length);
  const rest = others + counts.slice(shown).reduce((sum, count) => sum + count, 0);
  const known = counts.reduce((sum, count) => sum + count, 0) + others;
  return [
    ...values.slice(0, shown).map((label, at) => ({ code: at + 1, label, count: counts[at] ?? 0 })),
    { code: values.length + 1, label: "others", count: rest },
    { code: 0, label: "none", count: codes.length - known },
  ].filter(({ count }) => count > 0);
};

export const Legend = ({ alone, colours, onAlone, palette }: Props) => (
  <ul class="map-legend" aria-label={`Colours by ${colours.attribute}`}>
    {rowsOf(colours).map(({ code, count, label }) => (
      <li key={code}>
        <button type="button" aria-pressed={alone === code} onClick={() => onAlone(alone === code ? undefined : code)}>
          <span class="k-swatch" style={{ background: css(palette[code] ?? [0, 0, 0]) }} aria-hidden="true" />
          <span class="map-value">{label}</span>
          <span class="soft number">{compact(count)}</span>
        </button>
      </li>
    ))}
  </ul>
);

/** How strongly each code is drawn: others stand back where one is shown alone. */
export const strengthsOf = (
  colours: Colouring | undefined,
  alone: number | undefined,
  codes: number,
): ReadonlyArray<number> => {
  const isRest = colours !== undefined && alone === colours.values.length + 1;
  const isShown = (code: number): boolean =>
    alone === undefined || code === alone || (isRest && !colours.ordered && code > named);
  return Array.from({ length: codes }, (_, code) => (isShown(code) ? 1 : 0.07));
};
