/** Plain: points on a plain canvas, where the browser has no WebGL2, or no graphics card to draw it by. */
import { faint, faintness, type Layer, mostCodes, type Points, pointSize, type Scene } from "./Layer.ts";
import { raster } from "./Raster.ts";
import { sideOf } from "./View.ts";

const shadesOf = ({ colours, strengths }: Scene): Float32Array => {
  const shades = new Float32Array(4 * (faint + mostCodes));
  for (const [code, colour] of colours.slice(0, mostCodes).entries()) {
    const strength = 0.9 * (strengths[code] ?? 1);
    shades.set([...colour, strength], 4 * code);
    shades.set([...colour, strength * faintness], 4 * (code + faint));
  }
  return shades;
};

/** Undefined where the canvas cannot be drawn on. */
export const makePlain = (canvas: HTMLCanvasElement, points: Points): Layer | undefined => {
  const context = canvas.getContext("2d");
  if (context === null) return undefined;
  let codes = new Uint8Array(points.x.length);
  let pixels: ImageData | undefined;
  return {
    setCodes: (values) => {
      codes = values.slice();
    },
    draw: (scene) => {
      const { density, size, view } = scene;
      const { height, width } = canvas;
      if (pixels?.width === width && pixels.height === height) pixels.data.fill(0);
      else pixels = context.createImageData(width, height);
      const side = sideOf(view, size) * density;
      raster(pixels, {
        ...{ points, codes, shades: shadesOf(scene), side },
        left: width / 2 - view.x * side,
        bottom: height / 2 + view.y * side,
        across: pointSize(points.x.length, scene) * density,
      });
      context.putImageData(pixels, 0, 0);
    },
    close: () => {},
  };
};
