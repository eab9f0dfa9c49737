/** Filter: a filter's text as a condition on a shop's attributes. */
import { Either } from "effect";
import type { Where } from "../../domain/Where.ts";
import { type FilterProblem, parse } from "./Parser.ts";
import { type Seen, understand } from "./Understand.ts";

/** By the attributes seen (`Columns.seen`); or the first thing that is wrong with it. */
export const parseFilter = (filter: string, seen: Seen): Either.Either<Where, FilterProblem> =>
  Either.flatMap(parse(filter), (syntax) => understand(syntax, seen));

/** As a person reads it. */
export const told = ({ at, message }: FilterProblem): string => `at character ${at + 1}: ${message}`;
