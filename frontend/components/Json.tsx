/** @jsxImportSource preact */
import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import { formatCount } from "../lib/format.ts";
import { Icon } from "./Icon.tsx";
import { Text } from "./Text.tsx";

/** What of a value is not there: of the text, list or object at `path` only the first `kept`. */
export interface JsonCut {
  path: readonly (string | number)[];
  kept: number;
  of: number;
}

export interface JsonProps {
  value: unknown;
  label: string;
  /** Where it begins in the paths of `cuts`. */
  name?: string;
  cuts?: readonly JsonCut[];
  /** Where all of it can be read by those without scripts. */
  href?: string;
  /** Called when somebody wants what is cut: gets all of it, and renders anew. */
  onWhole?: () => Promise<void>;
  /** Whether what is folded is rendered when it is opened, not before: for a value that may be long. */
  isLazy?: boolean;
}

/** Entries, and characters, that are shown at first, and with each step. */
const ENTRIES = 50;
const MORE_ENTRIES = 200;
const CHARACTERS = 1_000;
const MORE_CHARACTERS = 20_000;
/** The longest name of a field that is shown whole. */
const MOST_NAME = 200;
/** What lies deeper begins folded. */
const OPEN_DEPTH = 2;
/** What stands where a secret is. */
const MASK = "[redacted]";

const NONE: readonly JsonCut[] = [];

interface Shared extends Pick<JsonProps, "href" | "onWhole" | "isLazy"> {
  cuts: ReadonlyMap<string, number>;
}

interface PartProps<T = unknown> {
  value: T;
  /** The name of the field it is in. */
  of?: string;
  path: readonly (string | number)[];
  shared: Shared;
}

/** A value that can be folded. Of long lists and texts the first part is shown; the rest comes step by step. */
export function Json({ value, label, name = "", cuts = NONE, ...shared }: JsonProps) {
  const of = useMemo(() => new Map(cuts.map(({ path, of }) => [JSON.stringify(path), of])), [cuts]);
  const part = { path: [name], shared: { cuts: of, ...shared } };
  return (
    <div class="json" tabIndex={0} role="region" aria-label={label}>
      {isContainer(value) && Object.keys(value).length > 0
        ? <Entries value={value} {...part} />
        : <Value value={value} {...part} />}
    </div>
  );
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function Value({ value, of, ...part }: PartProps): VNode {
  if (isContainer(value)) return <Container value={value} of={of} {...part} />;
  return (
    <>
      <Name of={of} />
      {typeof value !== "string" ? <span class="n">{String(value)}</span> : value === MASK
        ? (
          <span class="tag">
            <Icon name="key" />redacted
          </span>
        )
        : <LongText value={value} {...part} />}
    </>
  );
}

function Name({ of }: { of: string | undefined }) {
  if (of === undefined) return null;
  const short = of.length > MOST_NAME ? `${of.slice(0, MOST_NAME)}…` : of;
  return (
    <>
      <span class="k">
        <Text>{/^[\w$-]+$/.test(short) ? short : JSON.stringify(short)}</Text>:
      </span>
      {" "}
    </>
  );
}

function Container({ value, of, path, shared }: PartProps<object>) {
  const [isOpen, setOpen] = useState(path.length <= OPEN_DEPTH);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const count = countOf({ value, path, shared });
  if (count === 0) {
    return (
      <>
        <Name of={of} />
        <span>{open + close}</span>
      </>
    );
  }
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Name of={of} />
        {open} {formatCount(count)} {close}
      </summary>
      {(isOpen || !shared.isLazy) && <Entries value={value} path={path} shared={shared} />}
    </details>
  );
}

function Entries({ value, path, shared }: PartProps<object>) {
  const [most, setMost] = useState(ENTRIES);
  const keys = Array.isArray(value) ? null : Object.keys(value);
  const kept = keys?.length ?? (value as unknown[]).length;
  const count = countOf({ value, path, shared });
  const shown = Math.min(most, kept);
  const list = (keys ?? Array.from({ length: shown }, (_, i) => i)).slice(0, shown);
  return (
    <ul>
      {list.map((key) => (
        <li key={key}>
          <Value
            value={(value as Record<string | number, unknown>)[key]}
            of={keys === null ? undefined : String(key)}
            path={[...path, key]}
            shared={shared}
          />
        </li>
      ))}
      {count > shown && (
        <li>
          <More
            shared={shared}
            isHere={kept > shown}
            onMore={() => setMost(most + MORE_ENTRIES)}
            text={`${formatCount(count - shown)} more`}
          />
        </li>
      )}
    </ul>
  );
}

function LongText({ value, path, shared }: PartProps<string>) {
  const [most, setMost] = useState(CHARACTERS);
  const length = shared.cuts.get(JSON.stringify(path)) ?? value.length;
  const shown = value.slice(0, most);
  return (
    <span>
      <Text>{JSON.stringify(shown)}</Text>
      {length > shown.length && (
        <>
          {" "}
          <More
            shared={shared}
            isHere={value.length > shown.length}
            onMore={() => setMost(most + MORE_CHARACTERS)}
            text={`${formatCount(length - shown.length)} more characters`}
          />
        </>
      )}
    </span>
  );
}

/** Leads to the rest: shows some more of what is here, or gets all of it first. */
function More({ shared: { href, onWhole }, isHere, onMore, text }: {
  shared: Shared;
  isHere: boolean;
  onMore: () => void;
  text: string;
}) {
  const onClick = async (event: Event) => {
    event.preventDefault();
    if (!isHere) await onWhole?.();
    onMore();
  };
  return (
    <a class="link" href={href} onClick={onClick} role={href === undefined ? "button" : undefined}>
      {text}
    </a>
  );
}

function countOf({ value, path, shared }: PartProps<object>): number {
  const kept = Array.isArray(value) ? value.length : Object.keys(value).length;
  return shared.cuts.get(JSON.stringify(path)) ?? kept;
}
