/** The query of a page with `values` of the parameter `name` and all others as in `search`: "?" without any. */
export function queryWith(search: string, name: string, values: readonly string[]): string {
  const params = new URLSearchParams(search);
  params.delete(name);
  for (const value of values) params.append(name, value);
  return `?${params}`;
}

/** Lets the address of this page tell what is shown, without loading it. For the browser alone. */
export function noteInAddress(name: string, values: readonly string[]): void {
  const query = queryWith(location.search, name, values);
  history.replaceState(null, "", query === "?" ? location.pathname : query);
}
