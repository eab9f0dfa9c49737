import { describe, expect, it } from "vitest";
import { identifier, inlined, joined, parameterized, sql } from "../../src/ports/Statement.ts";

describe("Statement", () => {
  it("numbers values through nested statements, and keeps them out of the text", () => {
    const where = joined([sql`a = ${1}`, sql`b IN ${["x", "y"]}`], " AND ");
    const statement = sql`SELECT ${identifier("c")} FROM t WHERE ${where} LIMIT ${10n}`;
    expect(parameterized(statement)).toBe('SELECT "c" FROM t WHERE a = $1 AND b IN $2 LIMIT $3');
    expect(statement.values).toEqual([1, ["x", "y"], 10n]);
    expect(parameterized(joined([]))).toBe("");
    expect(parameterized(sql`${5}${null}`)).toBe("$1$2");
  });

  it("quotes names and, where nothing can be bound, values", () => {
    expect(parameterized(identifier("raw", 'a"; DROP TABLE b; --'))).toBe('"raw"."a""; DROP TABLE b; --"');
    const statement = inlined(
      sql`${"it's"} ${[`'`, "b"]} ${null} ${true} ${-1} ${0.1} ${2n ** 70n} ${3n} ${3e9} ${Number.NaN}`,
    );
    expect(statement.values).toEqual([]);
    expect(parameterized(statement)).toBe(
      `'it''s' ['''', 'b'] NULL true '-1'::INTEGER '0.1'::DOUBLE '1180591620717411303424'::HUGEINT '3'::BIGINT '3000000000'::DOUBLE 'NaN'::DOUBLE`,
    );
  });
});
