/** The part of the WebAssembly API that the kernels use; Node's own types leave it out, the browser's bring the DOM. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: ArrayBufferView);
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared?: boolean });
    readonly buffer: ArrayBuffer | SharedArrayBuffer;
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
}
