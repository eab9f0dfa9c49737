/** NumberCache: a bounded cache by whole numbers from 0, quicker than a Map; whoever was kept longest goes first. */
export interface NumberCache<A> {
  readonly get: (key: number) => A | undefined;
  readonly set: (key: number, value: A) => void;
  readonly delete: (key: number) => void;
  readonly clear: () => void;
  readonly size: () => number;
}

/** At most `most` (at least 1) are kept; takes 4 bytes per number up to the largest key, and 12 per value that there is room for. */
export const makeNumberCache = <A>(most: number): NumberCache<A> => {
  /** By key: 1 + its place; 0: none. */
  let placeOf = new Uint32Array(64);
  const keys: Array<number> = [];
  const values: Array<A | undefined> = [];
  let [next, size] = [0, 0];

  const remove = (place: number): void => {
    placeOf[keys[place]] = 0;
    values[place] = undefined;
    size--;
  };

  return {
    get: (key) => {
      const place = placeOf[key];
      return place === undefined || place === 0 ? undefined : values[place - 1];
    },
    set: (key, value) => {
      if (key >= placeOf.length) {
        const longer = new Uint32Array(Math.max(key + 1, 2 * placeOf.length));
        longer.set(placeOf);
        placeOf = longer;
      }
      if (placeOf[key] !== 0) remove(placeOf[key] - 1);
      if (values[next] !== undefined) remove(next);
      keys[next] = key;
      values[next] = value;
      placeOf[key] = next + 1;
      next = (next + 1) % most;
      size++;
    },
    delete: (key) => {
      const place = placeOf[key] ?? 0;
      if (place > 0) remove(place - 1);
    },
    clear: () => {
      placeOf.fill(0);
      values.length = 0;
      [next, size] = [0, 0];
    },
    size: () => size,
  };
};
