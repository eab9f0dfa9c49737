/** RowGroup: the rows buffered for the next row group of a data file, one buffer per column. */
import { Either } from "effect";
import type { ColumnBatch, Field } from "../../../../src/domain/Columns.ts";
import { append, type ColumnBuffer, clear, makeColumnBuffer } from "./ColumnBuffer.ts";

/** Rows of a full row group, so few that a column of numbers is one page, which is read in place. */
const groupRows = 65_536;

/** A row group is also full at this many bytes in memory, looked at every `sliceRows` rows. */
const groupBytes = 32 * 1024 * 1024;
const sliceRows = 8192;

export interface RowGroup {
  readonly columns: ReadonlyArray<ColumnBuffer>;
  rows: number;
}

export const makeRowGroup = (fields: ReadonlyArray<Field>): RowGroup => ({
  columns: fields.map(makeColumnBuffer),
  rows: 0,
});

export const isFull = ({ columns, rows }: RowGroup): boolean =>
  rows >= groupRows || columns.reduce((bytes, column) => bytes + column.bytes, 0) >= groupBytes;

/** Takes rows from `from` on until the group is full or the batch is used up; answers the first row not taken. */
export const fill = (group: RowGroup, batch: ColumnBatch, from: number): Either.Either<number, string> => {
  let next = from;
  while (next < batch.rows && !isFull(group)) {
    const to = Math.min(batch.rows, next + sliceRows, next + groupRows - group.rows);
    for (const buffer of group.columns) {
      const { name } = buffer.field;
      const column = batch.columns[name];
      if (column === undefined) return Either.left(`the batch has no column ${name}`);
      if (column.length < batch.rows) {
        return Either.left(`column ${name} has ${column.length} values, its batch has ${batch.rows} rows`);
      }
      const fault = append(buffer, column, next, to);
      if (fault !== undefined) return Either.left(fault);
    }
    group.rows += to - next;
    next = to;
  }
  return Either.right(next);
};

export const clearGroup = (group: RowGroup): void => {
  group.rows = 0;
  for (const column of group.columns) clear(column);
};
