/** The walls of the house: which folder may import which, so that the picture of it stays true. */
import { describe, expect, it } from "vitest";
import { circlesOf, graphOf, type Import, importsOf, sourcesOf, told } from "./support/Imports.ts";

/**
 * The floors of src, from the top: imports lead from a floor to lower ones, so no circle of folders can be. A new folder
 * takes its place here.
 */
const floors: ReadonlyArray<ReadonlyArray<string>> = [
  ["console"],
  ["cli"],
  ["roles"],
  ["http"],
  ["studies"],
  ["serving", "batch", "deadletters", "retraining", "tuning"],
  ["forgetting"],
  ["models", "evaluation", "simulation"],
  ["stream", "training", "intake", "steps"],
  ["datasets"],
  ["catalogue"],
  ["learning", "vitals", "delta", "keys"],
  ["config"],
  ["ports"],
  ["domain", "kernels", "client", "snippet"],
];

/** What adapters see of src, and beyond that, each with its reason. */
const seenByAll = ["ports", "domain", "config"];
const seenByOne: Readonly<Record<string, ReadonlyArray<string>>> = {
  // Other adapters of tables speak the same protocol.
  Tables: ["delta"],
  // Vectors are searched in memory, by the kernel.
  ItemIndex: ["kernels"],
  // A store is tried by a built file of its own, which is found as a kernel's is.
  engines: ["kernels"],
  // So is what answers parts of batches.
  Processes: ["kernels"],
  // Worker threads are one trainer: what a thread does is of src.
  Trainer: ["training"],
  // So are the steps of a batch on the SQL engine; on another, they are of the same rules.
  BatchSteps: ["steps", "datasets", "learning"],
};

/** What programs stand on beside src, our version among it; clients of servers and files are the adapters'. */
const packages = [/^effect(\/|$)/, /^@effect\/platform(\/|$)/, /^node:/, /^csv-parse\/sync$/, /^package\.json$/];

/** What the console's page is made of; of the engine it sees types, of what the API answers. */
const pagePackages = [/^preact(\/|$)/, /^@preact\/signals$/, /^uplot(\/|$)/];

/** The entry points, which alone join programs and adapters; the build makes a file of each. */
const entries = ["src/main.ts", "src/worker.ts", "src/answerer.ts"];

const isOurs = (file: string): boolean => file.startsWith("src/") || file.startsWith("layers/");
const folderOf = (file: string): string => file.split("/")[1] ?? "";
const floorOf = (file: string): number => floors.findIndex((floor) => floor.includes(folderOf(file)));

const sources = sourcesOf("src", "layers");
const imports = sources.flatMap((source) => source.imports);
const of = (top: "src" | "layers") => imports.filter(({ file }) => file.startsWith(`${top}/`));
const among = (found: ReadonlyArray<Import>) => found.filter(({ target }) => isOurs(target));

describe("the reader of imports", () => {
  it("finds each way to import, with its line, and no other text", () => {
    const text = `/** import "./No.ts" */
import "./A.ts";
import { type B, c } from "./B.ts";
import {
  d,
} from "../C.ts";
export { e } from "effect";
export const f = () => import("./F.ts");
const g = 'x from "./No.ts"';
`;
    expect(importsOf("src/x/X.ts", text).map(told)).toEqual([
      "src/x/X.ts:2 imports src/x/A.ts",
      "src/x/X.ts:3 imports src/x/B.ts",
      "src/x/X.ts:6 imports src/C.ts",
      "src/x/X.ts:7 imports effect",
      "src/x/X.ts:8 imports src/x/F.ts",
    ]);
  });

  it("finds circles, each once", () => {
    const graph = new Map([
      ["a", new Set(["b"])],
      ["b", new Set(["c", "d"])],
      ["c", new Set(["a"])],
      ["d", new Set(["e"])],
      ["e", new Set(["d"])],
      ["f", new Set(["a"])],
    ]);
    expect(circlesOf(graph)).toEqual(["a → b → c → a", "d → e → d"]);
  });

  it("finds a file behind every import", () => {
    const files = new Set(sources.map(({ file }) => file));
    // What the build makes of JSON and AssemblyScript is no TypeScript.
    const lost = among(imports).filter(({ target }) => /\.tsx?$/.test(target) && !files.has(target));
    expect(lost.map(told)).toEqual([]);
  });
});

describe("imports", () => {
  it("lead down the floors of src", () => {
    const within = among(of("src")).filter(({ file }) => !entries.includes(file));
    const wrong = within.filter(
      ({ file, target }) =>
        target.startsWith("src/") && folderOf(file) !== folderOf(target) && floorOf(file) >= floorOf(target),
    );
    expect(wrong.map(told)).toEqual([]);
    const unplaced = sources.map(({ file }) => file).filter((file) => file.startsWith("src/") && floorOf(file) < 0);
    expect(unplaced.filter((file) => !entries.includes(file))).toEqual([]);
  });

  it("of programs know no adapter and no client: entry points alone join the two", () => {
    const programs = of("src").filter(({ file }) => !entries.includes(file) && folderOf(file) !== "console");
    const wrong = programs.filter(
      ({ target }) => target.startsWith("layers/") || (!isOurs(target) && !packages.some((name) => name.test(target))),
    );
    expect(wrong.map(told)).toEqual([]);
  });

  it("of the console know its own packages, and of the engine types alone", () => {
    const own = of("src").filter(({ file }) => folderOf(file) === "console");
    const wrong = own.filter(({ target, types }) =>
      isOurs(target) ? folderOf(target) !== "console" && !types : !pagePackages.some((name) => name.test(target)),
    );
    expect(own.length).toBeGreaterThan(0);
    expect(wrong.map(told)).toEqual([]);
  });

  it("of adapters know ports, domain and settings, and of programs what is named here", () => {
    const used = new Set<string>();
    const wrong = of("layers").filter(({ file, target }) => {
      if (!target.startsWith("src/") || seenByAll.includes(folderOf(target))) return false;
      const [adapter, seen] = [folderOf(file), folderOf(target)];
      used.add(`${adapter} ${seen}`);
      return !seenByOne[adapter]?.includes(seen);
    });
    expect(wrong.map(told)).toEqual([]);
    const named = Object.entries(seenByOne).flatMap(([adapter, seen]) => seen.map((folder) => `${adapter} ${folder}`));
    expect(named.filter((name) => !used.has(name))).toEqual([]);
  });

  it("make no circle of files", () => {
    expect(circlesOf(graphOf(among(imports), (file) => file))).toEqual([]);
  });

  it("make no circle of folders", () => {
    const place = (file: string): string => file.split("/").slice(0, 2).join("/");
    expect(circlesOf(graphOf(among(imports), place))).toEqual([]);
  });
});

describe("a file", () => {
  it("has at most 250 lines, kernels apart", () => {
    const kernels = "src/kernels/assembly/";
    const over = sources.filter(({ file, lines }) => lines > 250 && !file.startsWith(kernels)).map(({ file }) => file);
    expect(over).toEqual([]);
  });
});
