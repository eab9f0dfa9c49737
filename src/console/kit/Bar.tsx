/** Bar: a whole in its parts, side by side, to scale. */

export interface Part {
  readonly label: string;
  /** Parts below 0 are not drawn; they stand in the text. */
  readonly value: number;
  /** A token: `--part-1`. */
  readonly color: string;
}

/** Shares of the whole bar, which is `whole` long (by default the sum of the parts); what is below 0 has none. */
export const sharesOf = (parts: ReadonlyArray<Part>, whole?: number): ReadonlyArray<number> => {
  const positive = parts.map(({ value }) => Math.max(0, value));
  const sum = positive.reduce((total, value) => total + value, 0);
  const length = Math.max(whole ?? sum, sum);
  return positive.map((value) => (length > 0 ? value / length : 0));
};

interface Props {
  readonly parts: ReadonlyArray<Part>;
  /** How long the whole bar is; by default as long as its parts together. */
  readonly whole?: number;
  /** Read out in place of the drawing. */
  readonly label: string;
}

export const Bar = ({ parts, whole, label }: Props) => {
  const shares = sharesOf(parts, whole);
  return (
    <div class="k-bar" role="img" aria-label={label} title={label}>
      {parts.map(({ color, label: name }, at) => (
        <span
          key={name}
          class="k-bar-part"
          style={{ width: `${(100 * (shares[at] ?? 0)).toFixed(2)}%`, background: `var(${color})` }}
        />
      ))}
    </div>
  );
};

export const Legend = ({ parts }: { readonly parts: ReadonlyArray<Pick<Part, "label" | "color">> }) => (
  <ul class="k-legend">
    {parts.map(({ color, label }) => (
      <li key={label}>
        <span class="k-swatch" style={{ background: `var(${color})` }} aria-hidden="true" />
        {label}
      </li>
    ))}
  </ul>
);
