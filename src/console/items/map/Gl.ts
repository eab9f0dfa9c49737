/** Gl: points by WebGL2: places and codes lie in the graphics memory; a drawing moves a few numbers and no point. */
import { faint, faintness, type Layer, mostCodes, type Points, pointSize } from "./Layer.ts";
import { sideOf } from "./View.ts";

const vertexShader = `#version 300 es
layout(location = 0) in vec2 place;
layout(location = 1) in uint code;
uniform vec2 scale;
uniform vec2 middle;
uniform float across;
uniform vec4 palette[${mostCodes}];
out vec4 colour;
void main() {
  colour = palette[min(code & ${faint - 1}u, ${mostCodes - 1}u)];
  if (code >= ${faint}u) colour.a *= ${faintness};
  gl_Position = colour.a > 0.0 ? vec4((place - middle) * scale, 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = across;
}`;

const fragmentShader = `#version 300 es
precision mediump float;
in vec4 colour;
uniform float edge;
out vec4 drawn;
void main() {
  float away = length(gl_PointCoord - 0.5) * 2.0;
  float alpha = colour.a * (1.0 - smoothstep(1.0 - edge, 1.0, away));
  drawn = vec4(colour.rgb * alpha, alpha);
}`;

const compile = (gl: WebGL2RenderingContext, kind: number, source: string): WebGLShader | null => {
  const shader = gl.createShader(kind);
  if (shader === null) return null;
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  return shader;
};

const programOf = (gl: WebGL2RenderingContext): WebGLProgram | undefined => {
  const program = gl.createProgram();
  const shaders = [compile(gl, gl.VERTEX_SHADER, vertexShader), compile(gl, gl.FRAGMENT_SHADER, fragmentShader)];
  if (program === null) return undefined;
  for (const shader of shaders) if (shader !== null) gl.attachShader(program, shader);
  gl.linkProgram(program);
  return gl.getProgramParameter(program, gl.LINK_STATUS) === true ? program : undefined;
};

const inSoftware = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/**
 * Whether WebGL2 draws by a graphics card. Where a driver computes what one would draw, the page waits for its pixels, longer than
 * `Plain.ts` takes for them. Asked of a canvas of its own, since the first context of one is its last.
 */
const makeHasCard = () => {
  let known: boolean | undefined;
  return (): boolean => {
    if (known !== undefined) return known;
    const gl = document.createElement("canvas").getContext("webgl2");
    const names = gl?.getExtension("WEBGL_debug_renderer_info");
    const name = gl?.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER);
    gl?.getExtension("WEBGL_lose_context")?.loseContext();
    known = name !== undefined && !inSoftware.test(String(name));
    return known;
  };
};
const hasCard = makeHasCard();

/** Undefined where the browser has no WebGL2, no graphics card to draw it by, or its driver cannot do this. */
export const makeGl = (canvas: HTMLCanvasElement, { x, y }: Points): Layer | undefined => {
  if (!hasCard()) return undefined;
  const gl = canvas.getContext("webgl2", { alpha: true, antialias: false, premultipliedAlpha: true });
  if (gl === null) return undefined;
  const program = programOf(gl);
  if (program === undefined) return undefined;
  const at = (name: string) => gl.getUniformLocation(program, name);
  const places = { scale: at("scale"), middle: at("middle"), across: at("across"), edge: at("edge") };
  const palette = at("palette");
  const pairs = new Uint16Array(2 * x.length);
  for (let point = 0; point < x.length; point++) {
    pairs[2 * point] = x[point] ?? 0;
    pairs[2 * point + 1] = y[point] ?? 0;
  }
  const array = gl.createVertexArray();
  gl.bindVertexArray(array);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, pairs, gl.STATIC_DRAW);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.UNSIGNED_SHORT, true, 0, 0);
  const codes = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, codes);
  gl.bufferData(gl.ARRAY_BUFFER, x.length, gl.DYNAMIC_DRAW);
  gl.enableVertexAttribArray(1);
  gl.vertexAttribIPointer(1, 1, gl.UNSIGNED_BYTE, 0, 0);
  gl.useProgram(program);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  const shades = new Float32Array(4 * mostCodes);
  return {
    setCodes: (values) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, codes);
      gl.bufferSubData(gl.ARRAY_BUFFER, 0, values);
    },
    draw: (scene) => {
      const { colours, density, size, strengths, view } = scene;
      const side = sideOf(view, size);
      const across = pointSize(x.length, scene) * density;
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      shades.fill(0);
      colours.slice(0, mostCodes).forEach(([red, green, blue], code) => {
        shades.set([red / 255, green / 255, blue / 255, 0.9 * (strengths[code] ?? 1)], 4 * code);
      });
      gl.uniform2f(places.scale, (2 * side) / size.width, (2 * side) / size.height);
      gl.uniform2f(places.middle, view.x, view.y);
      gl.uniform1f(places.across, across);
      gl.uniform1f(places.edge, Math.min(1, 3 / across));
      gl.uniform4fv(palette, shades);
      gl.drawArrays(gl.POINTS, 0, x.length);
    },
    close: () => gl.getExtension("WEBGL_lose_context")?.loseContext(),
  };
};
