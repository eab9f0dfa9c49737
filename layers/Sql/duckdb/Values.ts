/** Values: what a statement binds, as the engine takes it, each with its type. */
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBType,
  type DuckDBValue,
  HUGEINT,
  INTEGER,
  LIST,
  listValue,
  SQLNULL,
  VARCHAR,
} from "@duckdb/node-api";
import { isInteger, type SqlValue } from "../../../src/ports/Statement.ts";

const typeOf = (value: SqlValue): DuckDBType => {
  if (typeof value === "string") return VARCHAR;
  if (typeof value === "boolean") return BOOLEAN;
  if (typeof value === "bigint") return BigInt.asIntN(64, value) === value ? BIGINT : HUGEINT;
  if (typeof value === "number") return isInteger(value) ? INTEGER : DOUBLE;
  return value === null ? SQLNULL : LIST(VARCHAR);
};

/** Whole numbers of up to 32 bits are INTEGER, other numbers DOUBLE: larger whole numbers are given as bigints. */
export const bindings = (
  values: ReadonlyArray<SqlValue>,
): { readonly values: Array<DuckDBValue>; readonly types: Array<DuckDBType> } => ({
  values: values.map((value) => (value !== null && typeof value === "object" ? listValue([...value]) : value)),
  types: values.map(typeOf),
});
