// Compiles every kernel: `node kernels.mjs SOURCES TARGET` makes TARGET/NAME.wasm of SOURCES/NAME.ts.
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";

// The compiler is itself WebAssembly, and so large that to optimise it takes longer than it then runs. For this process alone.
setFlagsFromString("--liftoff-only");
const { default: asc } = await import("assemblyscript/asc");

/** Training shares one memory among its threads. */
const kernels = [
  { name: "topk", options: "" },
  { name: "blend", options: "" },
  { name: "als", options: "--enable threads --sharedMemory --maximumMemory 65536" },
];

const options = "-O3 --noAssert --runtime stub --use abort= --enable simd --importMemory --initialMemory 1";

const [source, target] = process.argv.slice(2);
for (const kernel of kernels) {
  const { error, stderr } = await asc.main([
    join(source, `${kernel.name}.ts`),
    "--outFile",
    join(target, `${kernel.name}.wasm`),
    ...`${options} ${kernel.options}`.trim().split(" "),
  ]);
  if (error) {
    console.error(`kernel ${kernel.name} does not compile: ${error.message}\n${stderr.toString()}`);
    process.exit(1);
  }
}
