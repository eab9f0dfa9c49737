/** Imports: what each TypeScript file of src and layers imports, as its text says, and what goes round in a circle. */
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";

export interface Import {
  /** From the top of the checkout. */
  readonly file: string;
  readonly line: number;
  /** A file from the top of the checkout, or the name of a package. */
  readonly target: string;
  /** Whether types alone are imported, of which nothing is left when it runs. */
  readonly types: boolean;
}

export interface Source {
  readonly file: string;
  readonly lines: number;
  readonly imports: ReadonlyArray<Import>;
}

/** `import … from "…"`, `export … from "…"`, `import "…"`, from the line's start on; and `import("…")` anywhere. */
const statements = /^(?:import|export)\s(?:[^;"]*?\sfrom\s)?"([^"\n]+)"|\bimport\("([^"\n]+)"\)/gm;

const newlines = (text: string): number => text.split("\n").length - 1;

export const importsOf = (file: string, text: string): ReadonlyArray<Import> =>
  Array.from(text.matchAll(statements), ({ 0: statement, 1: fixed, 2: late, index }) => {
    const name = fixed ?? late ?? "";
    const target = name.startsWith(".") ? posix.join(posix.dirname(file), name) : name;
    const line = newlines(text.slice(0, index) + statement) + 1;
    return { file, line, target, types: statement.startsWith("import type ") };
  });

/** Every TypeScript file below the folders. */
export const sourcesOf = (...folders: ReadonlyArray<string>): ReadonlyArray<Source> =>
  folders
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => posix.join(folder, name)),
    )
    .filter((file) => /\.tsx?$/.test(file))
    .sort()
    .map((file) => {
      const text = readFileSync(file, "utf8");
      return { file, lines: newlines(text), imports: importsOf(file, text) };
    });

/** `file:line imports target`, as an editor opens it. */
export const told = ({ file, line, target }: Import): string => `${file}:${line} imports ${target}`;

/** By node those it leads to. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

export const graphOf = (imports: ReadonlyArray<Import>, place: (file: string) => string): Graph => {
  const graph = new Map<string, Set<string>>();
  for (const { file, target } of imports) {
    const [from, to] = [place(file), place(target)];
    if (from === to) continue;
    const others = graph.get(from) ?? new Set();
    graph.set(from, others.add(to));
  }
  return graph;
};

/** A shortest way back to each node that has one, told once per circle: `a → b → a`. */
export const circlesOf = (graph: Graph): ReadonlyArray<string> => {
  const found = new Set<string>();
  const circles: Array<string> = [];
  for (const start of graph.keys()) {
    const way = found.has(start) ? undefined : wayBack(graph, start);
    if (way === undefined) continue;
    for (const node of way) found.add(node);
    circles.push([...way, start].join(" → "));
  }
  return circles;
};

const wayBack = (graph: Graph, start: string): ReadonlyArray<string> | undefined => {
  const before = new Map<string, string>();
  const waiting = [start];
  for (const node of waiting) {
    for (const next of graph.get(node) ?? []) {
      if (next === start) {
        const way = [node];
        for (let at = before.get(node); at !== undefined; at = before.get(at)) way.unshift(at);
        return way;
      }
      if (before.has(next)) continue;
      before.set(next, node);
      waiting.push(next);
    }
  }
  return undefined;
};
