/**
 * Dictionary: different values, each held once, by small codes from 1 on; 0 stands for none. Whoever holds a code is counted: a value
 * that nobody holds any more is let go, and its code is given to another later.
 */

export interface Dictionary<A> {
  /** By code; `values[0]` is the value of none. The array stays the same. */
  readonly values: ReadonlyArray<A>;
  readonly codeOf: (value: A) => number | undefined;
  /** The value's code, held once more. */
  readonly take: (value: A) => number;
  /** One holder less. */
  readonly release: (code: number) => void;
}

/** `keyOf`: equal for equal values alone. */
export const makeDictionary = <A>(none: A, keyOf: (value: A) => string): Dictionary<A> => {
  const values: Array<A> = [none];
  const holders: Array<number> = [1];
  const codes = new Map<string, number>();
  const free: Array<number> = [];
  return {
    values,
    codeOf: (value) => codes.get(keyOf(value)),
    take: (value) => {
      const key = keyOf(value);
      const known = codes.get(key);
      if (known !== undefined) {
        holders[known]!++;
        return known;
      }
      const code = free.pop() ?? values.length;
      values[code] = value;
      holders[code] = 1;
      codes.set(key, code);
      return code;
    },
    release: (code) => {
      if (code === 0 || --holders[code]! > 0) return;
      codes.delete(keyOf(values[code]!));
      values[code] = none;
      free.push(code);
    },
  };
};
