/** How near to its end, in pixels, somebody reads a log who wants to see what comes. */
const NEAR = 40;

/** The box of the log that grows, if there is one. */
function box(): Element | null {
  return document.querySelector("[data-next]")?.parentElement ?? null;
}

/** True while the end of the log that grows is out of sight. For islands. */
export function isAway(): boolean {
  const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = box() ?? {};
  return scrollHeight - scrollTop - clientHeight >= NEAR;
}

/** Brings the end of the log that grows into sight. For islands. */
export function showEnd(): void {
  const { scrollHeight = 0 } = box() ?? {};
  box()?.scrollTo(0, scrollHeight);
}
