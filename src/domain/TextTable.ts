/** TextTable: rows as aligned columns of text, for a person at a terminal. */

/** Two spaces between columns; numbers stand to the right. */
export const aligned = (
  rows: ReadonlyArray<ReadonlyArray<string>>,
  isNumber: (column: number) => boolean = () => false,
): ReadonlyArray<string> => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (isNumber(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
      .join("  ")
      .trimEnd(),
  );
};

/** `text`, which tells how large `value` is, behind its sign: + of whatever reads as 0. */
export const withSign = (value: number, text: string): string =>
  `${value < 0 && Number(text) !== 0 ? "−" : "+"}${text}`;
