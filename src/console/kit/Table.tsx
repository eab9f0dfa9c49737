/** Table: rows of one kind; scrolls sideways by itself where the page is narrow. */
import type { ComponentChildren } from "preact";

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Right-aligned, with digits of one width. */
  readonly numeric?: boolean;
}

interface Props<Row> {
  /** What the table is of; read out. */
  readonly caption: string;
  readonly columns: ReadonlyArray<Column<Row>>;
  readonly rows: ReadonlyArray<Row>;
  readonly keyOf: (row: Row) => string | number;
  readonly empty?: ComponentChildren;
}

export const Table = <Row,>({ caption, columns, rows, keyOf, empty = "Nothing yet." }: Props<Row>) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
  <section class="k-table" aria-label={`${caption}, table`} tabIndex={0}>
    <table>
      <caption class="hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ numeric = false, title }) => (
            <th key={title} scope="col" class={numeric ? "k-numeric" : ""}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.length === 0 ? (
          <tr>
            <td class="soft" colSpan={columns.length}>
              {empty}
            </td>
          </tr>
        ) : (
          rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ cell, numeric = false, title }) => (
                <td key={title} class={numeric ? "k-numeric" : ""}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))
        )}
      </tbody>
    </table>
  </section>
);
