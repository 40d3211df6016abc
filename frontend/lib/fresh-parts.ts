/**
 * Makes those parts of the page fresh that only the server renders: they are marked `data-fresh="name"`, and read with
 * the page itself. What has not changed is left alone, so that it stays focused and folded out. For islands, which must
 * not be in such a part.
 */
export async function refreshParts(): Promise<void> {
  const answer = await fetch(location.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll<HTMLElement>("[data-fresh]")) {
    const fresh = page.querySelector(`[data-fresh="${part.dataset.fresh}"]`);
    if (fresh !== null) update(part, fresh);
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
  const before = [...shown.childNodes];
  const after = [...fresh.childNodes];
  for (const [i, node] of after.entries()) {
    const old = before[i];
    if (old === undefined) shown.appendChild(node);
    else update(old, node);
  }
  for (const old of before.slice(after.length)) old.remove();
}
