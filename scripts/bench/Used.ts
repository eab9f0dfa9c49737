/** Used: what a command took: wall time, CPU time and peak memory, of all its processes (Linux: /proc). */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const ticks = 100;
const pollMillis = 50;

export interface Used {
  /** Seconds. */
  readonly wall: number;
  readonly cpu: number;
  /** GB. */
  readonly peak: number;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Seconds. */
  readonly cpu: number;
  /** GB. */
  readonly resident: number;
}

/** What /proc says of a process, as long as there is one. */
const processOf = (pid: number): Process | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
    return {
      pid,
      parent: Number(fields[1]),
      cpu: (Number(fields[11]) + Number(fields[12])) / ticks,
      resident: Number(resident) / 1e6,
    };
  } catch {
    return undefined;
  }
};

/** The process and all below it. */
const treeOf = (root: number): ReadonlyArray<Process> => {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processOf(Number(name)) ?? []);
  const known = new Set([root]);
  for (let before = 0; before < known.size; ) {
    before = known.size;
    for (const { pid, parent } of all) if (known.has(parent)) known.add(pid);
  }
  return all.filter(({ pid }) => known.has(pid));
};

/** Runs Node with the arguments; fails with all that was printed where it fails. */
export const run = (args: ReadonlyArray<string>, environment: NodeJS.ProcessEnv): Promise<Used> =>
  new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let peak = 0;
    const cpu = new Map<number, number>();
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    const poll = setInterval(() => {
      const tree = treeOf(child.pid ?? 0);
      for (const one of tree) cpu.set(one.pid, one.cpu);
      peak = Math.max(
        peak,
        tree.reduce((sum, { resident }) => sum + resident, 0),
      );
    }, pollMillis);
    child.on("exit", (code) => {
      clearInterval(poll);
      const wall = (performance.now() - started) / 1000;
      if (code === 0) resolve({ wall, cpu: [...cpu.values()].reduce((sum, one) => sum + one, 0), peak });
      else reject(new Error(`${args.join(" ")} ended with ${code}:\n${output}`));
    });
  });

export const told = ({ cpu, peak, wall }: Used): string =>
  `${wall.toFixed(1).padStart(7)} s ${cpu.toFixed(1).padStart(7)} s CPU ${peak.toFixed(2).padStart(6)} GB`;
