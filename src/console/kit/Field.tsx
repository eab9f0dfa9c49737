/** Field: a control with its name, and what there is to know about it. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Named {
  readonly label: string;
  readonly hint?: ComponentChildren;
  /** The name is read out, but not drawn. */
  readonly quiet?: boolean;
}

interface TextProps extends Named {
  readonly value: string;
  readonly onText: (text: string) => void;
  readonly type?: "text" | "search" | "password" | "number";
  readonly placeholder?: string;
  readonly required?: boolean;
  /** Ids and names of things are no words of the reader's, nor anything that a browser should remember. */
  readonly autocomplete?: "off" | "on";
  readonly onKey?: (event: KeyboardEvent) => void;
}

const Label = ({ id, label, quiet }: { readonly id: string; readonly label: string; readonly quiet: boolean }) => (
  <label class={quiet ? "hidden" : "k-label"} for={id}>
    {label}
  </label>
);

export const TextField = (props: TextProps) => {
  const { label, hint, quiet = false, onText, onKey, type = "text", autocomplete = "off", ...rest } = props;
  const id = useId();
  return (
    <div class="k-field">
      <Label id={id} label={label} quiet={quiet} />
      <input
        id={id}
        class="k-input"
        // Each type has attributes of its own in the types of Preact; these are common to all.
        type={type as "text"}
        autocomplete={autocomplete}
        spellcheck={false}
        {...rest}
        onKeyDown={(event) => onKey?.(event)}
        onInput={({ currentTarget }) => onText(currentTarget.value)}
      />
      {hint === undefined ? null : <span class="k-hint">{hint}</span>}
    </div>
  );
};

export interface Choice {
  readonly value: string;
  readonly label: string;
}

interface ChoiceProps extends Named {
  readonly value: string;
  readonly choices: ReadonlyArray<Choice>;
  readonly onChoice: (value: string) => void;
}

export const SelectField = ({ label, hint, quiet = false, value, choices, onChoice }: ChoiceProps) => {
  const id = useId();
  return (
    <div class="k-field">
      <Label id={id} label={label} quiet={quiet} />
      <select id={id} class="k-input" value={value} onChange={({ currentTarget }) => onChoice(currentTarget.value)}>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
      {hint === undefined ? null : <span class="k-hint">{hint}</span>}
    </div>
  );
};

/** A few choices side by side, one of them taken; arrow keys move, as in any group of radio buttons. */
export const Segmented = ({ label, quiet = false, value, choices, onChoice }: ChoiceProps) => {
  const name = useId();
  return (
    <fieldset class="k-field k-segmented">
      <legend class={quiet ? "hidden" : "k-label"}>{label}</legend>
      <div class="k-segments">
        {choices.map((choice) => (
          <label key={choice.value} class="k-segment">
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={choice.value === value}
              onChange={() => onChoice(choice.value)}
            />
            <span>{choice.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
};

interface RangeProps extends Named {
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly shown?: string;
  readonly onNumber: (value: number) => void;
}

export const RangeField = ({ label, hint, quiet = false, value, shown, onNumber, ...rest }: RangeProps) => {
  const id = useId();
  return (
    <div class="k-field">
      <div class="k-range-head">
        <Label id={id} label={label} quiet={quiet} />
        <output class="small number soft" for={id}>
          {shown ?? value}
        </output>
      </div>
      <input
        id={id}
        class="k-range"
        type="range"
        value={value}
        {...rest}
        onInput={({ currentTarget }) => onNumber(currentTarget.valueAsNumber)}
      />
      {hint === undefined ? null : <span class="k-hint">{hint}</span>}
    </div>
  );
};

export const CheckField = (props: {
  readonly label: string;
  readonly checked: boolean;
  readonly onCheck: (checked: boolean) => void;
}) => (
  <label class="k-check">
    <input
      type="checkbox"
      checked={props.checked}
      onChange={({ currentTarget }) => props.onCheck(currentTarget.checked)}
    />
    <span>{props.label}</span>
  </label>
);
