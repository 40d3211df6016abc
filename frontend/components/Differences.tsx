/** @jsxImportSource preact */
import type { Difference } from "../lib/audit.ts";
import { formatCount } from "../lib/format.ts";
import { Icon } from "./Icon.tsx";
import { Text } from "./Text.tsx";

/** As many fields as are shown at once, and characters of a value. */
const MOST_FIELDS = 4;
const MOST_CHARACTERS = 120;

/** What was changed, as it was and as it became. What is long is folded. */
export function Differences({ differences }: { differences: readonly Difference[] }) {
  const rest = differences.slice(MOST_FIELDS);
  return (
    <>
      <Fields differences={differences.slice(0, MOST_FIELDS)} />
      {rest.length > 0 && (
        <details class="rest">
          <summary class="link">
            {rest.length === 1 ? "1 more field" : `${formatCount(rest.length)} more fields`}
          </summary>
          <Fields differences={rest} />
        </details>
      )}
    </>
  );
}

function Fields({ differences }: { differences: readonly Difference[] }) {
  if (differences.length === 0) return null;
  return (
    <ul class="differences">
      {differences.map(({ name, before, after }) => {
        const [was, is] = [wordsOf(before), wordsOf(after)];
        return (
          <li key={name}>
            <span class="soft">
              <Text>{name}</Text>
            </span>{" "}
            {was !== "" && (
              <del>
                <Value text={was} />
              </del>
            )}
            {was !== "" && is !== "" && (
              <>
                {" "}
                <Icon name="right" />
                <span class="hidden">became</span>
                {" "}
              </>
            )}
            {is !== "" && (
              <ins>
                <Value text={is} />
              </ins>
            )}
            {was === "" && is === "" && <span class="soft">none</span>}
          </li>
        );
      })}
    </ul>
  );
}

function Value({ text }: { text: string }) {
  if (text.length <= MOST_CHARACTERS) return <Text>{text}</Text>;
  return (
    <details class="rest">
      <summary>
        <Text>{`${text.slice(0, MOST_CHARACTERS)}…`}</Text>
      </summary>
      <Text>{text}</Text>
    </details>
  );
}

/** A text as it is, a list of such with commas, the rest as JSON; "" where there is nothing. */
function wordsOf(value: unknown): string {
  if (typeof value === "string") return value;
  const isPlain = Array.isArray(value) && value.every((item) => typeof item === "string");
  if (value === null || value === undefined) return "";
  return isPlain ? value.join(", ") : JSON.stringify(value);
}
