/**
 * BodyFields: what is wrong with a body as a whole: that it is no object, and fields that nothing here reads, since of a misspelt
 * one nobody would hear: a list without the filter that was asked for is worse than none.
 */
import { nearest } from "../../domain/Spelling.ts";
import { type FieldError, shown } from "../FieldError.ts";

/** Errors told of one body. */
const maxErrors = 20;

export const isObject = (body: unknown): body is Readonly<Record<string, unknown>> =>
  typeof body === "object" && body !== null && !Array.isArray(body);

/** More than any list of a body may have. */
const tooMany = 1_001;

/** The body as it is decoded: of a list that is too long its beginning, which is too long as well. */
export const withoutExcess = (body: unknown): unknown =>
  isObject(body)
    ? Object.fromEntries(
        Object.entries(body).map(([name, value]) => [name, Array.isArray(value) ? value.slice(0, tooMany) : value]),
      )
    : body;

/** `known`: the fields that there are. `whole` stands for what is no object, of which `sample` is one. */
export const bodyProblems = (
  body: unknown,
  known: ReadonlyArray<string>,
  whole = "body",
  sample = '{"k": 10}',
): ReadonlyArray<FieldError> => {
  if (!isObject(body)) return [{ field: whole, value: shown(body), detail: `send a JSON object, such as ${sample}` }];
  const strange = Object.keys(body).filter((name) => !known.includes(name));
  return strange.slice(0, maxErrors).map((name) => {
    const meant = nearest(name, known);
    const question = meant === undefined ? "" : ` (did you mean ${meant}?)`;
    return {
      field: String(shown(name)),
      value: shown(body[name]),
      detail: `there is no such field${question}: leave it out, or send one of ${known.join(", ")}`,
    };
  });
};
