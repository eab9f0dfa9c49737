/** EditItem: the form of an item's title and attributes; what differs is sent as a merge patch. */
import { useSignal } from "@preact/signals";
import type { Item } from "../../serving/items/ItemSchema.ts";
import { ask } from "../data/Api.ts";
import { Button } from "../kit/Button.tsx";
import { Dialog } from "../kit/Dialog.tsx";
import { SelectField, TextField } from "../kit/Field.tsx";
import { notify } from "../shell/Notices.tsx";
import { type Kind, patchOf, type Row, rowsOf, wrongWith } from "./Edit.ts";

interface Props {
  readonly item: Item;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

const kinds = ["text", "number", "boolean", "list"].map((value) => ({
  value,
  label: value === "boolean" ? "true/false" : value,
}));

export const EditItem = ({ item, onClose, onSaved }: Props) => {
  const rows = useSignal<ReadonlyArray<Row>>(rowsOf(item));
  const title = useSignal(item.title ?? "");
  const busy = useSignal(false);
  const wrong = useSignal<string | undefined>(undefined);
  const change = (at: number, part: Partial<Row>) => {
    rows.value = rows.value.map((row, n) => (n === at ? { ...row, ...part } : row));
  };
  const save = async (event: Event) => {
    event.preventDefault();
    wrong.value = wrongWith(rows.value);
    if (wrong.value !== undefined) return;
    const attributes = patchOf(item, rows.value);
    const renamed = title.value === (item.title ?? "") ? {} : { title: title.value === "" ? null : title.value };
    const body = { ...renamed, ...(Object.keys(attributes).length === 0 ? {} : { attributes }) };
    if (Object.keys(body).length === 0) return onClose();
    busy.value = true;
    const reply = await ask(`/items/${encodeURIComponent(item.item_id)}`, { method: "PATCH", body });
    busy.value = false;
    if (!reply.ok) {
      wrong.value = reply.problem.detail;
      return;
    }
    notify("Saved: it holds for every answer from now on.", "good");
    onSaved();
  };
  return (
    <Dialog isWide title={`Change ${item.title ?? item.item_id}`} onClose={onClose}>
      <form class="k-stack" onSubmit={save}>
        <TextField
          label="Title"
          value={title.value}
          onText={(text) => {
            title.value = text;
          }}
        />
        <fieldset class="k-field edit-rows">
          <legend class="k-label">Attributes</legend>
          {rows.value.map((row, at) => (
            <div key={at} class="edit-row">
              <TextField
                quiet
                label={`Name of attribute ${at + 1}`}
                value={row.name}
                onText={(name) => change(at, { name })}
              />
              <SelectField
                quiet
                label={`Kind of ${row.name}`}
                value={row.kind}
                choices={kinds}
                onChoice={(kind) => change(at, { kind: kind as Kind })}
              />
              <TextField
                quiet
                label={`Value of ${row.name}`}
                value={row.text}
                onText={(text) => change(at, { text })}
              />
              <Button
                kind="quiet"
                aria-label={`Take ${row.name} away`}
                onClick={() => {
                  rows.value = rows.value.filter((_, n) => n !== at);
                }}
              >
                ×
              </Button>
            </div>
          ))}
        </fieldset>
        <div class="k-row">
          <Button
            size="s"
            onClick={() => {
              rows.value = [...rows.value, { name: "", kind: "text", text: "" }];
            }}
          >
            Add an attribute
          </Button>
        </div>
        {wrong.value === undefined ? null : (
          <p class="edit-wrong" role="alert">
            {wrong.value}
          </p>
        )}
        <div class="k-row k-row-end edit-end">
          <Button onClick={onClose}>Cancel</Button>
          <button type="submit" class="k-button k-button-primary k-button-m" disabled={busy.value}>
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
};
