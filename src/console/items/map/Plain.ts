/** Plain: points on a plain canvas, where the browser has no WebGL2. */
import { faint, faintness, type Layer, mostCodes, type Points, pointSize } from "./Layer.ts";
import { css } from "./Palette.ts";
import { sideOf } from "./View.ts";

/** In the canvas's pixels: smaller points look alike, and squares are drawn faster. */
const roundFrom = 5;

/** `left`, `top`: of the square around it. */
const disc = (context: CanvasRenderingContext2D, left: number, top: number, across: number): void => {
  context.beginPath();
  context.arc(left + across / 2, top + across / 2, across / 2, 0, 2 * Math.PI);
  context.fill();
};

/** Undefined where the canvas cannot be drawn on. */
export const makePlain = (canvas: HTMLCanvasElement, { x, y }: Points): Layer | undefined => {
  const context = canvas.getContext("2d");
  if (context === null) return undefined;
  let codes = new Uint8Array(x.length);
  return {
    setCodes: (values) => {
      codes = values.slice();
    },
    draw: (scene) => {
      const { colours, density, size, strengths, view } = scene;
      const side = sideOf(view, size) * density;
      const across = pointSize(x.length, scene) * density;
      const [left, top] = [
        canvas.width / 2 - view.x * side - across / 2,
        canvas.height / 2 + view.y * side - across / 2,
      ];
      context.clearRect(0, 0, canvas.width, canvas.height);
      // Colour by colour: to change it costs more than to draw.
      for (const isFaint of [true, false]) {
        for (let code = 0; code < Math.min(mostCodes, colours.length); code++) {
          const colour = colours[code];
          const strength = (strengths[code] ?? 1) * (isFaint ? faintness : 1);
          if (colour === undefined || strength === 0) continue;
          context.fillStyle = css(colour);
          context.globalAlpha = 0.9 * strength;
          const wanted = code + (isFaint ? faint : 0);
          for (let point = 0; point < x.length; point++) {
            if (codes[point] !== wanted) continue;
            const px = left + ((x[point] ?? 0) / 65_535) * side;
            const py = top - ((y[point] ?? 0) / 65_535) * side;
            if (px < -across || py < -across || px > canvas.width || py > canvas.height) continue;
            if (across < roundFrom) context.fillRect(px, py, across, across);
            else disc(context, px, py, across);
          }
        }
      }
    },
    close: () => {},
  };
};
