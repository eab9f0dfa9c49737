/** KeyEntry: asks for an API key where a call was refused for want of one. */
import { useSignal } from "@preact/signals";
import { dismissKey, giveKey, wanted } from "../data/Key.ts";
import { Button } from "../kit/Button.tsx";
import { Dialog } from "../kit/Dialog.tsx";
import { TextField } from "../kit/Field.tsx";

const Form = ({ why }: { readonly why: string }) => {
  const text = useSignal("");
  return (
    <Dialog title="This shop has keys" onClose={dismissKey}>
      <form
        class="k-stack"
        onSubmit={(event) => {
          event.preventDefault();
          giveKey(text.value.trim());
        }}
      >
        <p class="soft">{why}</p>
        <TextField
          label="API key with the scopes read, write and admin"
          type="password"
          required
          value={text.value}
          onText={(typed) => {
            text.value = typed;
          }}
          hint="Kept in this tab alone, until it is closed."
        />
        <div class="k-row k-row-end">
          <Button onClick={dismissKey}>Not now</Button>
          <button type="submit" class="k-button k-button-primary k-button-m">
            Use the key
          </button>
        </div>
      </form>
    </Dialog>
  );
};

export const KeyEntry = () => (wanted.value === undefined ? null : <Form why={wanted.value} />);
