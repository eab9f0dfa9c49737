/** Intervals: means as bars, each with its 95 % interval as a whisker, on one scale. */
export interface Measured {
  readonly name: string;
  readonly mean: number;
  readonly margin: number;
  /** Drawn in the accent. */
  readonly isOurs: boolean;
  /** What stands behind it. */
  readonly said: string;
}

interface Props {
  /** What is measured; read out. */
  readonly label: string;
  readonly rows: ReadonlyArray<Measured>;
}

/** Ends of the bar and of its whisker, in percent of the scale, which begins at 0 and holds all whiskers. */
export const placesOf = ({ margin, mean }: Pick<Measured, "mean" | "margin">, most: number) => {
  const place = (value: number): number => (most > 0 ? Math.min(100, Math.max(0, (100 * value) / most)) : 0);
  return { bar: place(mean), from: place(mean - margin), to: place(mean + margin) };
};

export const Intervals = ({ label, rows }: Props) => {
  const most = Math.max(0, ...rows.map(({ margin, mean }) => mean + margin));
  return (
    <ul class="intervals" aria-label={label}>
      {rows.map((row) => {
        const { bar, from, to } = placesOf(row, most);
        return (
          <li key={row.name}>
            <span class={row.isOurs ? "intervals-ours" : ""}>{row.name}</span>
            <span class="intervals-place" aria-hidden="true">
              <span
                class="intervals-bar"
                style={{ width: `${bar}%`, background: `var(${row.isOurs ? "--part-1" : "--part-6"})` }}
              />
              <span class="intervals-whisker" style={{ left: `${from}%`, width: `${to - from}%` }} />
            </span>
            <span class="number">
              {row.mean.toFixed(4)} <span class="soft">± {row.margin.toFixed(4)}</span>
            </span>
            <span class="small soft number">{row.said}</span>
          </li>
        );
      })}
    </ul>
  );
};
