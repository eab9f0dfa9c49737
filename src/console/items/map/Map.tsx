/** Map: all items on a plane; to be moved, looked into, and coloured by what items are. Loaded when it is shown. */
import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useLoaded } from "../../data/Loaded.ts";
import { Empty, Problem } from "../../kit/Card.tsx";
import { SelectField } from "../../kit/Field.tsx";
import { percent, whole as wholeNumber } from "../../kit/Format.ts";
import { colouringOf, drawingOf, firstAttribute } from "./Drawing.ts";
import "./map.css";
import { type Opening, Plane } from "./Plane.tsx";

const path = "/map/columns";
const form = "bytes";

const words = (name: string): string => name.replaceAll("_", " ");

export const ItemMap = ({ open, onOpen }: Opening) => {
  const attribute = useSignal<string | undefined>(undefined);
  const points = useLoaded<ArrayBuffer>(() => ({ path, call: { form } }));
  const drawing = useComputed(() => (points.value.value === undefined ? undefined : drawingOf(points.value.value)));
  useSignalEffect(() => {
    const { value } = drawing;
    if (value !== undefined && attribute.peek() === undefined) attribute.value = firstAttribute(value.head);
  });
  const colours = useLoaded<ArrayBuffer>(() =>
    attribute.value === undefined || points.value.value === undefined
      ? undefined
      : { path, call: { form, query: { attribute: attribute.value } } },
  );
  const colouring = useComputed(() =>
    colours.value.value === undefined ? undefined : colouringOf(colours.value.value),
  );
  // Drawn anew meanwhile: then the items are others.
  useSignalEffect(() => {
    const [told, own] = [colouring.value, drawing.peek()];
    if (told !== undefined && own !== undefined && told.drawn_at !== own.head.drawn_at) points.reload();
  });
  const colourBy = (name: string) => {
    attribute.value = name;
  };
  const { value: made } = drawing;
  if (points.problem.value !== undefined && made === undefined) {
    return <Problem problem={points.problem.value} onAgain={points.reload} />;
  }
  if (made === undefined) return <Empty>The map is drawn…</Empty>;
  const { attributes, drawn_at, explained, items } = made.head;
  const { length } = made.points.x;
  const fitting = colouring.value;
  const isFitting = fitting?.drawn_at === drawn_at && fitting.attribute === attribute.value;
  return (
    <>
      <div class="map-head">
        <p class="small soft">
          {wholeNumber(length)} {length < items ? `of ${wholeNumber(items)} ` : ""}items: near to each other what the
          same shoppers like. Two directions of many, with {percent(explained[0] + explained[1])} of all differences.
        </p>
        {attribute.value === undefined ? null : (
          <SelectField
            label="Colour by"
            value={attribute.value}
            choices={attributes.map(({ name }) => ({ value: name, label: words(name) }))}
            onChoice={colourBy}
          />
        )}
      </div>
      <Plane key={drawn_at} drawing={made} colours={isFitting ? fitting : undefined} open={open} onOpen={onOpen} />
      <p id="map-keys" class="small soft">
        Drag and scroll or pinch, or use the arrow keys, + and −; Enter opens the item in the middle.
      </p>
    </>
  );
};
