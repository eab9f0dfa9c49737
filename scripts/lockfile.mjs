// Completes package-lock.json after `npm install`: `npm run lockfile`.
//
// npm leaves optional packages of other platforms out of a lock file that it writes beside installed packages
// (https://github.com/npm/cli/issues/4828), and `npm ci` then refuses it. Their names tell their platform.
import { readFileSync, writeFileSync } from "node:fs";

const systems = ["android", "darwin", "linux", "win32", "freebsd", "openbsd", "netbsd", "sunos", "aix", "openharmony"];
const processors = [
  ["arm64", /arm64|aarch64/],
  ["loong64", /loong64/],
  ["mips64el", /mips64el/],
  ["ppc64", /ppc64|powerpc64/],
  ["riscv64", /riscv64/],
  ["s390x", /s390x/],
  ["ia32", /ia32/],
  ["x64", /x64|x86_64/],
  ["arm", /-arm(-|v|$)/],
];

const only = (field, value) => (value === undefined ? {} : { [field]: [value] });

const platformOf = (name) => {
  const os = name === "fsevents" ? "darwin" : systems.find((system) => name.includes(system));
  const libc = os !== "linux" ? undefined : /musl/.test(name) ? "musl" : /gnu|glibc/.test(name) ? "glibc" : undefined;
  return {
    ...only("os", os),
    ...only("cpu", processors.find(([, pattern]) => pattern.test(name))?.[0]),
    ...only("libc", libc),
  };
};

const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
let added = 0;
for (const [path, { dev, optionalDependencies = {} }] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(optionalDependencies)) {
    const hoisted = `node_modules/${name}`;
    if (hoisted in lock.packages || `${path}/${hoisted}` in lock.packages) continue;
    const version = range.replace(/^[~^]/, "");
    lock.packages[hoisted] = { version, ...(dev ? { dev } : {}), optional: true, ...platformOf(name) };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} optional packages of other platforms added`);
