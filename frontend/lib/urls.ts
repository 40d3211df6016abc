/** The last part of a path, decoded: the name or id of what the page is about. As it is if it cannot be decoded. */
export function lastSegment({ pathname }: URL): string {
  const segment = pathname.replace(/\/$/, "").split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** `search` ("?a=1") with another value of one parameter; null: without it. A link to the page itself needs "?" at least. */
export function withParam(search: string, name: string, value: string | null): string {
  const params = new URLSearchParams(search);
  if (value === null) params.delete(name);
  else params.set(name, value);
  return `?${params}`;
}
