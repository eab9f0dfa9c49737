// Compiles every kernel in src/kernels/assembly to dist/kernels/NAME.wasm.
import { join } from "node:path";
import asc from "assemblyscript/asc";

/** Training shares one memory among its threads. */
const kernels = [
  { name: "topk", options: "" },
  { name: "als", options: "--enable threads --sharedMemory --maximumMemory 65536" },
];

const options = "-O3 --noAssert --runtime stub --use abort= --enable simd --importMemory --initialMemory 1";

export const compileKernels = async (source, target) => {
  for (const kernel of kernels) {
    const { error, stderr } = await asc.main([
      join(source, `${kernel.name}.ts`),
      "--outFile",
      join(target, `${kernel.name}.wasm`),
      ...`${options} ${kernel.options}`.trim().split(" "),
    ]);
    if (error) throw new Error(`kernel ${kernel.name} does not compile: ${error.message}\n${stderr.toString()}`);
  }
};
