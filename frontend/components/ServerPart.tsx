/** @jsxImportSource preact */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { rendering } from "../lib/rendering.ts";

/**
 * What only the server renders, inside of an island: browsers need no code for it. They take it as it came, and
 * `refreshParts()` makes it fresh; it has no listeners of its own. Pages give it by `<ServerParts>`.
 *
 * @param isHidden What it tells is known not to be so any more.
 */
export function ServerPart({ name, isHidden = false }: { name: string; isHidden?: boolean }) {
  const parts = rendering.hooks?.useParts();
  const element = useRef<HTMLDivElement>(null);
  // Preact takes out what an island does not render itself.
  const [nodes] = useState(() =>
    parts === undefined ? [...document.querySelector(`[data-fresh="${name}"]`)?.childNodes ?? []] : []
  );
  useLayoutEffect(() => element.current?.append(...nodes), []);
  return <div class="stack" data-fresh={name} hidden={isHidden} ref={element}>{parts?.[name]}</div>;
}
