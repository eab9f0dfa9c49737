/** Lonely: values of a chart that no line leads to: where values are few, they are drawn as points. */

const isThere = (value: number | null | undefined): boolean => value !== null && value !== undefined;

/** Places of values that have none to either side. */
export const lonely = (values: ArrayLike<number | null | undefined>): Array<number> =>
  Array.from(values, (_, at) => at).filter(
    (at) => isThere(values[at]) && !isThere(values[at - 1]) && !isThere(values[at + 1]),
  );
