/**
 * Charts: inline SVG, sized by its viewBox, coloured by the page's style sheet: a series of colour `c` has the class
 * `fill-c` or `stroke-c`. Every value is printed, or told by the mark's <title>.
 */
export interface Bar {
  readonly name: string;
  readonly colour: string;
  readonly value: number;
  /** Half the width of the interval drawn as a whisker; 0 for none. */
  readonly margin: number;
  /** The interval's ends, where it is not as wide to either side. */
  readonly interval?: readonly [number, number];
}

const endsOf = ({ interval, margin, value }: Bar): readonly [number, number] =>
  interval ?? [value - margin, value + margin];

export const escapeText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

export const round = (value: number): string => String(Math.round(value * 100) / 100);

export const svg = (width: number, height: number, label: string, marks: ReadonlyArray<string>): string =>
  `<svg viewBox="0 0 ${round(width)} ${round(height)}" role="img" aria-label="${escapeText(label)}">${marks.join("")}</svg>`;

export const text = (x: number, y: number, content: string, classes = "", anchor = "start"): string =>
  `<text x="${round(x)}" y="${round(y)}" class="${classes}" text-anchor="${anchor}">${escapeText(content)}</text>`;

/** A bar with its far corners rounded: to the right from x, or up to y when `up`. */
const barPath = (x: number, y: number, width: number, height: number, up = false): string => {
  const r = Math.min(3, up ? height : width, up ? width / 2 : height / 2);
  return up
    ? `M${round(x)} ${round(y + height)}v${round(r - height)}q0 ${-r} ${r} ${-r}h${round(width - 2 * r)}q${r} 0 ${r} ${r}v${round(height - r)}z`
    : `M${round(x)} ${round(y)}h${round(width - r)}q${r} 0 ${r} ${r}v${round(height - 2 * r)}q0 ${r} ${-r} ${r}h${round(r - width)}z`;
};

/** The axis' end and step: 1, 2 or 5 times a power of ten, three to five steps. */
export const scaleOf = (largest: number): { readonly end: number; readonly step: number } => {
  if (!(largest > 0)) return { end: 1, step: 0.5 };
  const power = 10 ** Math.floor(Math.log10(largest / 3));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => largest / size <= 5) ?? 10 * power;
  return { end: Math.ceil(largest / step - 1e-9) * step, step };
};

const ticks = ({ end, step }: { readonly end: number; readonly step: number }): ReadonlyArray<number> =>
  Array.from({ length: Math.round(end / step) + 1 }, (_, i) => i * step);

const decimals = (step: number): number => Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));

/** Horizontal bars, each with its name above and its value at the end. `width` is in pixels, as it will be shown. */
export const barChart = (
  label: string,
  width: number,
  bars: ReadonlyArray<Bar>,
  format: (value: number) => string,
): string => {
  const room = width - 62;
  const pitch = 46;
  const largest = Math.max(...bars.map((bar) => endsOf(bar)[1]), 1e-12);
  const marks = bars.flatMap((bar, i) => {
    const { colour, name, value } = bar;
    const ends = endsOf(bar);
    const y = i * pitch;
    const length = Math.max((value / largest) * room, 1);
    const [low, high] = ends.map((end) => (Math.max(end, 0) / largest) * room) as [number, number];
    const middle = y + 29;
    return [
      text(0, y + 14, name, "name"),
      `<path class="fill-${colour}" d="${barPath(0, y + 21, length, 16)}"><title>${escapeText(name)}: ${format(value)}</title></path>`,
      ends[1] > ends[0]
        ? `<path class="whisker" d="M${round(low)} ${middle}H${round(high)}M${round(low)} ${middle - 4}v8M${round(high)} ${middle - 4}v8"/>`
        : "",
      text(Math.max(length, high) + 8, middle + 4.5, format(value), "value"),
    ];
  });
  return svg(width, bars.length * pitch, label, marks);
};

export interface BarGroup {
  readonly name: string;
  readonly note: string;
  readonly bars: ReadonlyArray<Bar>;
}

export const yAxis = (
  scale: ReturnType<typeof scaleOf>,
  left: number,
  right: number,
  y: (value: number) => number,
): ReadonlyArray<string> =>
  ticks(scale).flatMap((tick) => [
    `<line class="${tick === 0 ? "axis" : "grid"}" x1="${left}" x2="${right}" y1="${round(y(tick))}" y2="${round(y(tick))}"/>`,
    text(left - 8, y(tick) + 4, tick === 0 ? "0" : tick.toFixed(decimals(scale.step)), "tick", "end"),
  ]);

/** Upright bars in groups side by side; a group without bars says that it is too small. */
export const groupedBars = (
  label: string,
  groups: ReadonlyArray<BarGroup>,
  format: (value: number) => string,
): string => {
  const [width, left, top, bottom] = [1000, 52, 22, 262];
  const scale = scaleOf(Math.max(...groups.flatMap(({ bars }) => bars.map(({ value, margin }) => value + margin))));
  const y = (value: number): number => bottom - (value / scale.end) * (bottom - top);
  const span = (width - left) / groups.length;
  const marks = groups.flatMap(({ name, note, bars }, g) => {
    const centre = left + span * (g + 0.5);
    const thick = Math.min(50, (span * 0.78) / Math.max(bars.length, 1));
    const start = centre - (thick * bars.length) / 2;
    return [
      ...bars.flatMap((bar, b) => {
        const x = start + b * thick + 3;
        const middle = x + (thick - 6) / 2;
        const height = Math.max(bottom - y(bar.value), 1);
        const high = y(bar.value + bar.margin);
        const low = y(Math.max(bar.value - bar.margin, 0));
        return [
          `<path class="fill-${bar.colour}" d="${barPath(x, bottom - height, thick - 6, height, true)}"><title>${escapeText(`${bar.name}, ${name}: ${format(bar.value)}`)}</title></path>`,
          bar.margin > 0
            ? `<path class="whisker" d="M${round(middle)} ${round(low)}V${round(high)}M${round(middle - 4)} ${round(low)}h8M${round(middle - 4)} ${round(high)}h8"/>`
            : "",
          text(middle, Math.min(high, bottom - height) - 6, format(bar.value), "value small", "middle"),
        ];
      }),
      bars.length === 0 ? text(centre, bottom - 12, "too few to tell", "tick", "middle") : "",
      text(centre, bottom + 22, name, "name", "middle"),
      text(centre, bottom + 40, note, "tick", "middle"),
    ];
  });
  return svg(width, bottom + 48, label, [...yAxis(scale, left, width, y), ...marks]);
};
