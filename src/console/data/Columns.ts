/** Columns: the bytes of `serving/insights/Columns.ts`, of which nothing is read before it is looked at. */

/** Texts, each read when it is asked for. */
export interface Texts {
  readonly length: number;
  /** Empty where there is none. */
  readonly at: (place: number) => string;
  /** The first place of a text; -1: it is not there. */
  readonly find: (text: string) => number;
}

type Numbers = Uint8Array | Uint16Array | Uint32Array;

export type Column = Numbers | Texts;

interface Told {
  readonly type: "u8" | "u16" | "u32" | "text";
  readonly length: number;
  readonly at: number;
}

const textsOf = (ends: Uint32Array, bytes: Uint8Array): Texts => {
  const decoder = new TextDecoder();
  const startOf = (place: number): number => (place === 0 ? 0 : (ends[place - 1] ?? 0));
  return {
    length: ends.length,
    at: (place) => (place in ends ? decoder.decode(bytes.subarray(startOf(place), ends[place])) : ""),
    find: (text) => {
      const wanted = new TextEncoder().encode(text);
      for (let place = 0; place < ends.length; place++) {
        const start = startOf(place);
        if ((ends[place] ?? 0) - start === wanted.length && wanted.every((byte, n) => bytes[start + n] === byte)) {
          return place;
        }
      }
      return -1;
    },
  };
};

const kinds = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array };

/** `Head` and `Named` are what the endpoint promises; they are not checked again here. */
export const readColumns = <Head, Named extends Readonly<Record<string, Column>>>(
  body: ArrayBuffer,
): { readonly head: Head; readonly columns: Named } => {
  const words = new DataView(body).getUint32(0, true);
  const { columns: told, ...head } = JSON.parse(new TextDecoder().decode(new Uint8Array(body, 4, words)));
  const start = 4 + words;
  const columnOf = ({ at, length, type }: Told): Column =>
    type === "text"
      ? textsOf(new Uint32Array(body, start + at, length), new Uint8Array(body, start + at + 4 * length))
      : new kinds[type](body, start + at, length);
  const columns = Object.entries<Told>(told).map(([name, one]) => [name, columnOf(one)]);
  return { head, columns: Object.fromEntries(columns) };
};
