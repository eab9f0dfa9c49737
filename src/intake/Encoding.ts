/** Encoding: which text encoding a file has, by its mark, its zeros or what its owner says; UTF-8 where nothing speaks against it. */
import { isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";

const marks: ReadonlyArray<readonly [encoding: string, bytes: ReadonlyArray<number>]> = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** Bytes looked at for zeros: ASCII in UTF-16 has one in every pair. */
const sample = 1024;

const zeros = (head: Uint8Array, from: 0 | 1): number => {
  let count = 0;
  for (let i = from; i < Math.min(head.length, sample); i += 2) if (head[i] === 0) count++;
  return count;
};

/** What a byte order mark says. */
const markedEncoding = (head: Uint8Array): string | undefined =>
  marks.find(([, bytes]) => bytes.every((byte, i) => head[i] === byte))?.[0];

/** The encoding of a file that begins so, under the name that TextDecoder knows; `said` where its owner said one. */
export const detectEncoding = (head: Uint8Array, said?: string): string => {
  const known = markedEncoding(head) ?? said;
  if (known !== undefined) return known;
  const pairs = Math.floor(Math.min(head.length, sample) / 2);
  const [even, odd] = [zeros(head, 0), zeros(head, 1)];
  if (pairs === 0 || Math.max(even, odd) < 0.3 * pairs) return "utf-8";
  return even > odd ? "utf-16be" : "utf-16le";
};

const decoderNamed = (encoding: string): TextDecoder | undefined => {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch {
    return undefined;
  }
};

/** A strict decoder that takes the mark away, or undefined for a name that is none; `latin-1` and `cp_1252` are latin1 and cp1252. */
export const makeDecoder = (encoding: string): TextDecoder | undefined =>
  decoderNamed(encoding) ?? decoderNamed(encoding.replaceAll(/[-_ ]/g, ""));

export interface BadText {
  /** 1-based. */
  readonly line: number;
  readonly byte: number;
  /** The line up to the byte, as far as it is ASCII. */
  readonly before: string;
}

/** Bytes of the character that begins with this byte. */
const lengthOf = (first: number): number => (first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4);

/** Finds the first line that is not UTF-8. */
export const makeBadTextFinder = () => {
  let rest: Uint8Array = new Uint8Array();
  let line = 1;
  const look = (bytes: Uint8Array): BadText | undefined => {
    if (isUtf8(bytes)) return undefined;
    let at = 0;
    while (isUtf8(bytes.subarray(at, at + lengthOf(bytes[at] as number)))) at += lengthOf(bytes[at] as number);
    const before = Array.from(bytes.subarray(Math.max(0, at - 40), at), (byte) =>
      byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "?",
    );
    return { line, byte: bytes[at] ?? 0, before: before.join("") };
  };
  return {
    push: (bytes: Uint8Array): BadText | undefined => {
      const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      let at = 0;
      for (let feed = all.indexOf(10); feed !== -1; feed = all.indexOf(10, at)) {
        const bad = look(all.subarray(at, feed));
        if (bad !== undefined) return bad;
        line++;
        at = feed + 1;
      }
      rest = all.slice(at);
      return undefined;
    },
    end: (): BadText | undefined => look(rest),
  };
};
