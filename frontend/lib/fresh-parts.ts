import { formatDuration } from "./format.ts";

/** Tells the server that the page is there already, and only its parts are wanted. */
const HEADER = "X-Fresh-Parts";

let asked = 0;
/** Which of the pages that were asked for is shown. */
let shown = 0;

/**
 * Makes those parts of the page fresh that only the server renders: they are marked `data-fresh="name"`, and read with
 * the page itself. What has not changed is left alone, so that it stays focused and folded out; so is all if the page
 * is an error, or came later than one that was asked for after it. For islands, which must not be in such a part.
 */
export async function refreshParts(): Promise<void> {
  const turn = ++asked;
  const answer = await fetch(location.href, { headers: { [HEADER]: "1" } });
  const text = await answer.text();
  if (!answer.ok || turn < shown) return;
  shown = turn;
  const page = new DOMParser().parseFromString(text, "text/html");
  for (const part of document.querySelectorAll<HTMLElement>("[data-fresh]")) {
    const fresh = page.querySelector(`[data-fresh="${part.dataset.fresh}"]`);
    if (fresh !== null) updateChildren(part, fresh);
  }
}

/** True when a page is asked for by `refreshParts()`: what takes longer than a page may can be in it. */
export function isForParts({ headers }: Request): boolean {
  return headers.has(HEADER);
}

/** Writes anew how long it is until the moments that parts tell of (`<Until>`). For islands, second by second. */
export function tickParts(now: number): void {
  for (const time of document.querySelectorAll<HTMLTimeElement>("[data-fresh] time[data-until]")) {
    time.textContent = formatDuration(Date.parse(time.dateTime) - now);
  }
}

/** Makes `shown` as `fresh` is, which may be moved into the page. */
function update(shown: ChildNode, fresh: ChildNode): void {
  if (shown instanceof HTMLDetailsElement && fresh instanceof HTMLDetailsElement) fresh.open = shown.open;
  if (shown.isEqualNode(fresh)) return;
  if (shown instanceof Text || !shown.cloneNode().isEqualNode(fresh.cloneNode())) {
    shown.replaceWith(fresh);
    return;
  }
  updateChildren(shown, fresh);
}

function updateChildren(shown: ChildNode, fresh: ChildNode): void {
  const before = [...shown.childNodes];
  const after = [...fresh.childNodes];
  for (const [i, node] of after.entries()) {
    const old = before[i];
    if (old === undefined) shown.appendChild(node);
    else update(old, node);
  }
  for (const old of before.slice(after.length)) old.remove();
}
