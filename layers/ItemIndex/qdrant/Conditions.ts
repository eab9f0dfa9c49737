/**
 * Conditions: what a request asks of items in Qdrant's terms, on what `Described.ts` writes about them.
 *
 * Qdrant neither orders texts nor matches their beginnings and ends: of such a condition no more is asked than that there is a text,
 * and below a "not" nothing. So a filter finds all that is asked for, and may find more: whoever searches looks at what was found.
 */
import type { Schemas } from "@qdrant/js-client-rest";
import type { ItemLookup } from "../../../src/domain/ItemSet.ts";
import type { Comparator, Comparison, Having, ValueKind, Where } from "../../../src/domain/Where.ts";
import { hasKey, kinds, placeOf, removed } from "./Described.ts";

type Condition = Schemas["Condition"];
type Range = Schemas["Range"];

/** No point is one of none. */
const nothing: Condition = { has_id: [] };

const has = (...marks: ReadonlyArray<string>): Condition => ({ key: hasKey, match: { any: [...marks] } });
const hasKind = (attribute: string, ...of: ReadonlyArray<ValueKind>): Condition =>
  has(...of.map((kind) => `${kind}:${attribute}`));
const not = (condition: Condition): Condition => ({ must_not: [condition] });
const both = (...must: Array<Condition>): Condition => ({ must });
const either = (...should: Array<Condition>): Condition => ({ should });

const rangeOf = <A>(by: Exclude<Comparator, "!=">, value: A): { [K in keyof Range]: A } => {
  switch (by) {
    case "=":
      return { gte: value, lte: value };
    case "<":
      return { lt: value };
    case "<=":
      return { lte: value };
    case ">":
      return { gt: value };
    case ">=":
      return { gte: value };
  }
};

/** A range has values alone, so that of no value both sides of `!=` are false. */
const inRange = (key: string, by: Comparator, value: number | string): Condition =>
  by === "!="
    ? either(inRange(key, "<", value), inRange(key, ">", value))
    : ({ key, range: rangeOf(by, value) } as Condition);

/** `isWhole`: to find no less than is asked for; otherwise no more. */
const ofComparison = (comparison: Comparison, isWhole: boolean): Condition => {
  const { attribute, by, open, type, value } = comparison;
  const key = placeOf(type, attribute);
  if (type === "number") return inRange(key, by, Number(value));
  if (type === "time") return inRange(key, by, new Date(Number(value)).toISOString());
  if (type === "boolean") return has(`${(value === true) === (by === "=")}:${attribute}`);
  if (open === undefined && by === "=") return { key, match: { value } } as Condition;
  if (open === undefined && by === "!=") {
    return both(hasKind(attribute, "text"), not({ key, match: { value } } as Condition));
  }
  return isWhole ? hasKind(attribute, "text") : nothing;
};

const ofHaving = ({ attribute, open, value }: Having, isWhole: boolean): Condition => {
  if (value === undefined) return has(...kinds.map((kind) => `${kind}:${attribute}`));
  if (open !== undefined) return isWhole ? hasKind(attribute, "text", "list") : nothing;
  const match = { value };
  return either({ key: placeOf("text", attribute), match }, { key: placeOf("list", attribute), match });
};

/** All items that are so, and perhaps more; not `isWhole`: none that is not so, and perhaps fewer. */
export const conditionOf = (where: Where, isWhole = true): Condition => {
  switch (where.kind) {
    case "and":
      return both(...where.of.map((one) => conditionOf(one, isWhole)));
    case "or":
      // Of no conditions Qdrant takes "one of them" for true.
      return where.of.length === 0 ? nothing : either(...where.of.map((one) => conditionOf(one, isWhole)));
    case "not":
      return not(conditionOf(where.of, !isWhole));
    case "compare":
      return ofComparison(where, isWhole);
    case "has":
      return ofHaving(where, isWhole);
  }
};

/** What the model says of a point (see `Points.ts`) where the shop said nothing of the item. */
const trained: Condition = { key: "status", match: { value: "trained" } };
const unknown: Condition = { key: "status", match: { any: ["untrained", "new"] } };

/**
 * Points with a vector that was learnt, of items that are for sale at `now` (unix milliseconds) as far as they were described, and are
 * as `where` says; none of `excluded`.
 */
export const filterOf = (where: Where | undefined, excluded: ItemLookup, now: number): Schemas["Filter"] => {
  const time = new Date(now).toISOString();
  return {
    must: [either(trained, has("true:available")), ...(where === undefined ? [] : [conditionOf(where)])],
    must_not: [
      unknown,
      has(removed, "false:available"),
      inRange(placeOf("time", "valid_from"), ">", time),
      inRange(placeOf("time", "valid_until"), "<=", time),
      ...(excluded.size === 0 ? [] : [{ has_id: [...excluded] }]),
    ],
  };
};
