/** Drawing: an item as a picture: its shape in its colour and pattern, or the shop's own image, where there is one. */
import { signal } from "@preact/signals";
import type { Looks } from "./Looks.ts";
import { shapeOf } from "./Shapes.ts";

/** Once on a page: what patterns are drawn with. */
export const Patterns = () => (
  <svg class="sf-patterns" aria-hidden="true">
    <defs>
      <pattern id="sf-stripe" width="8" height="8" patternUnits="userSpaceOnUse">
        <rect width="8" height="3.2" class="sf-pattern-ink" />
      </pattern>
      <pattern id="sf-check" width="14" height="14" patternUnits="userSpaceOnUse">
        <rect width="14" height="5" class="sf-pattern-ink" />
        <rect width="5" height="14" class="sf-pattern-ink" />
      </pattern>
      <pattern id="sf-dot" width="11" height="11" patternUnits="userSpaceOnUse">
        <circle cx="3" cy="3" r="1.9" class="sf-pattern-ink" />
        <circle cx="8.5" cy="8.5" r="1.9" class="sf-pattern-ink" />
      </pattern>
      <pattern id="sf-mix" width="7" height="7" patternUnits="userSpaceOnUse">
        <path d="M0 2H3M4 5H7M2 7V6M5 1V2" class="sf-pattern-line" />
      </pattern>
      <pattern id="sf-denim" width="4" height="4" patternUnits="userSpaceOnUse">
        <path d="M0 4 4 0" class="sf-pattern-line" />
      </pattern>
      <pattern id="sf-print" width="22" height="22" patternUnits="userSpaceOnUse">
        <path d="M5 3q4-4 4 2t-6 3 2-5M15 13q5-3 4 3t-6 2 2-5" class="sf-pattern-ink" />
        <circle cx="17" cy="5" r="2" class="sf-pattern-ink" />
        <circle cx="5" cy="17" r="2" class="sf-pattern-ink" />
      </pattern>
    </defs>
  </svg>
);

/** Addresses where no picture was. */
const missing = signal<ReadonlySet<string>>(new Set());

export const Drawing = ({ looks }: { readonly looks: Looks }) => {
  const { colour, image, pattern, shape } = looks;
  if (image !== undefined && !missing.value.has(image)) {
    const miss = () => {
      missing.value = new Set([...missing.value, image]);
    };
    return <img class="sf-image" src={image} alt="" loading="lazy" onError={miss} />;
  }
  const { body, lines, wire } = { lines: undefined, wire: undefined, ...shapeOf(shape) };
  return (
    <svg class="sf-drawing" viewBox="0 0 100 100" aria-hidden="true" style={{ "--thing": colour }}>
      {wire === undefined ? null : <path d={wire} class="sf-wire" />}
      <path d={body} class="sf-body" />
      {pattern === "solid" ? null : <path d={body} fill={`url(#sf-${pattern})`} />}
      {lines === undefined ? null : <path d={lines} class="sf-lines" />}
    </svg>
  );
};
