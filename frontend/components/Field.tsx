/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";

/** A field of a form with its label, and what is wrong with it. `id` is the field's. */
export function Field({ id, label, fault, children }: {
  id: string;
  label: string;
  fault?: string | undefined;
  children: ComponentChildren;
}) {
  return (
    <div>
      <label for={id}>{label}</label>
      {children}
      {fault !== undefined && <p class="bad" role="alert" id={`${id}-fault`}>{fault}</p>}
    </div>
  );
}

/** A choice of a few. */
export function Choice<T extends string>({ id, label, name, value, options, onChange }: {
  id: string;
  label: string;
  name?: string;
  value: T;
  /** Words by value. */
  options: Readonly<Record<T, string>>;
  onChange: (value: T) => void;
}) {
  return (
    <Field id={id} label={label}>
      <select
        id={id}
        name={name}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value as T)}
      >
        {(Object.entries(options) as [T, string][]).map(([key, words]) => (
          <option key={key} value={key} selected={key === value}>{words}</option>
        ))}
      </select>
    </Field>
  );
}
