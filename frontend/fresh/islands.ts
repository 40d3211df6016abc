import { type ComponentType, createContext, Fragment, h, isValidElement, options } from "preact";
import { useContext } from "preact/hooks";

/** The islands of one page: a name for each, and its props as JSON. null inside an island, which holds no others. */
export const Islands = createContext<{ name: string; props: string }[] | null>(null);

const boundaries = new Map<unknown, ComponentType>();
const before = options.vnode;

// Whoever renders an island renders its boundary, except the boundary itself.
options.vnode = (vnode) => {
  vnode.type = boundaries.get(vnode.type) as typeof vnode.type ?? vnode.type;
  before?.(vnode);
};

/** Makes `Island` one that the browser knows by `name`. */
export function registerIsland(name: string, Island: ComponentType): void {
  boundaries.set(Island, function IslandBoundary(props: object) {
    const islands = useContext(Islands);
    const vnode = h(Island, props);
    vnode.type = Island;
    if (islands === null) return vnode;
    const index = islands.push({ name, props: JSON.stringify(props, checkPlain) }) - 1;
    const mark = (text: string) => h(Fragment, { UNSTABLE_comment: `${text}:${index}` } as object);
    return h(Islands.Provider, { value: null, children: [mark("island"), vnode, mark("/island")] });
  });
}

function checkPlain(this: unknown, key: string, value: unknown): unknown {
  if (!["function", "symbol"].includes(typeof value) && !isValidElement(value)) return value;
  throw new TypeError(`Cannot send the prop "${key}" of an island: it is no plain JSON`);
}
