import { formatDuration } from "./format.ts";

/** Tells the server that the page is there already, and which parts are wanted: "all", or what grows and is known. */
const HEADER = "X-Fresh-Parts";

let asked = 0;
/** Which of the pages that were asked for is shown. */
let shown = 0;
/** How many have not come yet. */
let awaited = 0;

/**
 * Makes those parts of the page fresh that only the server renders: they are marked `data-fresh="name"`, and read with
 * the page itself. What has not changed is left alone, so that it stays focused and folded out; so is all if the page
 * is an error, does not come, or came later than one that was asked for after it. For islands, which must not be in
 * such a part.
 *
 * Of a list that says by `data-next` what it holds, only the rest is read and added.
 *
 * @param what "growing": the part with that list alone, unless something is on its way. @default "all"
 */
export async function refreshParts(what: "all" | "growing" = "all"): Promise<void> {
  if (what === "growing" && awaited > 0) return;
  const turn = ++asked;
  awaited++;
  const text = await readPage(what).catch(() => null).finally(() => awaited--);
  if (text === null || turn < shown) return;
  shown = turn;
  show(text);
}

/** Asks for the page; null: it is an error. */
async function readPage(what: string): Promise<string | null> {
  const known = document.querySelector<HTMLElement>("[data-next]")?.dataset.next ?? "";
  const answer = await fetch(location.href, { headers: { [HEADER]: `${what} ${known}` } });
  return answer.ok ? await answer.text() : null;
}

function show(text: string): void {
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

/** What `refreshParts()` asks for: all parts or what grows, and what is known of that; "": nothing. */
export function wantedIn({ headers }: Request): { isAll: boolean; known: string } {
  const [what, ...known] = (headers.get(HEADER) ?? "").split(" ");
  return { isAll: what !== "growing", known: known.join(" ") };
}

/** Writes anew how long it is until the moments that parts tell of (`<Until>`). For islands, second by second. */
export function tickParts(now: number): void {
  for (const time of document.querySelectorAll<HTMLTimeElement>("[data-fresh] time[data-until]")) {
    time.textContent = formatDuration(Date.parse(time.dateTime) - now);
  }
}

/** Makes `shown` as `fresh` is, which may be moved into the page. */
function update(shown: ChildNode, fresh: ChildNode): void {
  if (shown instanceof HTMLElement && fresh instanceof HTMLElement) {
    if (fresh.dataset.known !== undefined) return grow(shown, fresh);
    if (shown.dataset.run === fresh.dataset.run) fresh.toggleAttribute("open", shown.hasAttribute("open"));
  }
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

/** Adds what is new to `shown`, unless it has grown since that was asked for. */
function grow(shown: HTMLElement, fresh: HTMLElement): void {
  if (shown.dataset.next !== fresh.dataset.known) return;
  shown.append(...fresh.childNodes);
  shown.dataset.next = fresh.dataset.next;
}
