/** Picker: be someone: a new shopper, one of a few with a history, or anyone by the beginning of their id. */
import { useSignal } from "@preact/signals";
import type { ShopperFound, ShoppersFound } from "../../serving/storefront/StorefrontSchema.ts";
import { useLoaded } from "../data/Loaded.ts";
import { Problem } from "../kit/Card.tsx";
import { Dialog } from "../kit/Dialog.tsx";
import { TextField } from "../kit/Field.tsx";
import { counted, whole } from "../kit/Format.ts";
import { Avatar, nameOf } from "./Avatar.tsx";
import { newcomer, type Who } from "./Pane.ts";
import { shop } from "./Shop.ts";

interface Props {
  readonly onWho: (who: Who) => void;
  readonly onClose: () => void;
}

const Choice = ({ shopper, onWho }: { readonly shopper: ShopperFound; readonly onWho: Props["onWho"] }) => (
  <li>
    <button type="button" class="sf-person" onClick={() => onWho({ user: shopper.user, isNew: false })}>
      <Avatar user={shopper.user} />
      <span>
        <strong title={shopper.user}>{nameOf(shopper.user)}</strong>
        <span class="small soft">
          {counted(shopper.interactions, "interaction")}, {whole(shopper.purchases)} bought
          {shopper.groups.length === 0 ? "" : `: ${shopper.groups.slice(0, 2).join(", ")}`}
        </span>
      </span>
    </button>
  </li>
);

const hintOf = (users: number): string => `Among ${whole(users)} shoppers; capitals count.`;

const nobodyOf = (through: number, users: number): string =>
  users <= through
    ? "Nobody's id is so or begins so."
    : `Nobody's id is so, and of the ${whole(through)} of ${whole(users)} that could be looked through in time none begins so: type all of it.`;

export const Picker = ({ onWho, onClose }: Props) => {
  const text = useSignal("");
  const found = useLoaded<ShoppersFound>(() => {
    const q = text.value.trim();
    return q === "" ? undefined : { path: "/console/shoppers", call: { query: { q } } };
  });
  const isSearch = text.value.trim() !== "";
  const shoppers = isSearch ? (found.value.value?.shoppers ?? []) : (shop.value?.examples ?? []);
  return (
    <Dialog title="Be someone" onClose={onClose}>
      <TextField
        label="The beginning of a shopper's id"
        type="search"
        placeholder="An id, or its beginning"
        value={text.value}
        onText={(typed) => {
          text.value = typed;
        }}
        hint={hintOf(shop.value?.users ?? 0)}
      />
      {found.problem.value === undefined ? null : <Problem problem={found.problem.value} />}
      <ul class="sf-people">
        {isSearch ? null : (
          <li>
            <button type="button" class="sf-person" onClick={() => onWho(newcomer())}>
              <Avatar user="" />
              <span>
                <strong>A new shopper</strong>
                <span class="small soft">of whom nothing is known yet</span>
              </span>
            </button>
          </li>
        )}
        {shoppers.map((shopper) => (
          <Choice key={shopper.user} shopper={shopper} onWho={onWho} />
        ))}
      </ul>
      {isSearch && !found.busy.value && found.problem.value === undefined && shoppers.length === 0 ? (
        <p class="soft">{nobodyOf(found.value.value?.looked_through ?? 0, shop.value?.users ?? 0)}</p>
      ) : null}
    </Dialog>
  );
};
