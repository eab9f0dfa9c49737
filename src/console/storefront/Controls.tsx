/** Controls: what may be in the list, and how it is put in order. */
import type { Signal } from "@preact/signals";
import { useSignal } from "@preact/signals";
import { Button } from "../kit/Button.tsx";
import { RangeField, SelectField, TextField } from "../kit/Field.tsx";
import { chosenFacets, exampleOf, isSet, noSettings, type Settings, wordOf } from "./Settings.ts";
import { shop } from "./Shop.ts";

const seenChoices = [
  { value: "bought", label: "What they bought" },
  { value: "seen", label: "All they had to do with" },
  { value: "shown", label: "Also what was shown" },
  { value: "none", label: "Nothing" },
];

const variantChoices = [
  { value: "", label: "As the shop has it" },
  { value: "1", label: "One" },
  { value: "2", label: "Two" },
  { value: "0", label: "Any number" },
];

const seenOf = (value: string): Settings["seen"] =>
  value === "seen" || value === "shown" || value === "none" ? value : "bought";

export const Controls = ({ settings }: { readonly settings: Signal<Settings> }) => {
  const { value } = settings;
  const typed = useSignal(value.filter);
  const change = (some: Partial<Settings>) => {
    settings.value = { ...value, ...some };
  };
  return (
    <div class="sf-controls">
      {chosenFacets(shop.value?.facets ?? []).map(({ name, values }) => (
        <SelectField
          key={name}
          label={wordOf(name)}
          value={value.facets[name] ?? ""}
          choices={[
            { value: "", label: "Any" },
            ...values.map((one) => ({ value: one.value, label: `${one.value} (${one.items})` })),
          ]}
          onChoice={(chosen) => change({ facets: { ...value.facets, [name]: chosen } })}
        />
      ))}
      <SelectField
        label="Leave out"
        value={value.seen}
        choices={seenChoices}
        onChoice={(chosen) => change({ seen: seenOf(chosen) })}
      />
      <SelectField
        label="Variants of a product"
        value={String(value.variants ?? "")}
        choices={variantChoices}
        onChoice={(chosen) => change({ variants: chosen === "" ? undefined : Number(chosen) })}
      />
      <RangeField
        label="Diversity"
        min={0}
        max={1}
        step={0.05}
        value={value.diversity}
        shown={value.diversity === 0 ? "off" : value.diversity.toFixed(2)}
        onNumber={(diversity) => change({ diversity })}
      />
      <form
        class="sf-filter"
        onSubmit={(event) => {
          event.preventDefault();
          change({ filter: typed.value });
        }}
      >
        <TextField
          label="Filter, then Enter"
          placeholder={exampleOf(shop.value?.facets ?? [])}
          value={typed.value}
          onText={(text) => {
            typed.value = text;
          }}
        />
      </form>
      <Button
        kind="quiet"
        disabled={!isSet(value)}
        onClick={() => {
          typed.value = "";
          settings.value = noSettings;
        }}
      >
        Clear
      </Button>
    </div>
  );
};
