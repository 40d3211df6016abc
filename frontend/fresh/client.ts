import { type ComponentType, type ContainerNode, h, render } from "preact";
import { setBuildId } from "./runtime.ts";

/** Brings the islands of a page to life, in the browser. Given in the order in which they were rendered. */
export function boot(islands: [ComponentType, props: object][], buildId: string): void {
  setBuildId(buildId);
  const marks = new Map<string, Comment>();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_COMMENT);
  while (walker.nextNode()) marks.set((walker.currentNode as Comment).data, walker.currentNode as Comment);
  for (const [index, [Island, props]] of islands.entries()) {
    const [start, end] = [marks.get(`island:${index}`), marks.get(`/island:${index}`)];
    if (start && end) render(h(Island, props), rootBetween(start, end));
  }
}

/** Something Preact takes for an element whose children are the nodes between `start` and `end`. */
function rootBetween(start: Comment, end: Comment): ContainerNode {
  const parent = start.parentNode as Node;
  const nodes = () => {
    const all = [...parent.childNodes];
    return all.slice(all.indexOf(start) + 1, all.indexOf(end));
  };
  const root = {
    nodeType: 1,
    parentNode: parent,
    nextSibling: null,
    insertBefore: (node: Node, child: Node | null) => parent.insertBefore(node, child ?? end),
    appendChild: (node: Node) => parent.insertBefore(node, end),
    removeChild: (node: Node) => parent.removeChild(node),
    contains: (node: Node | null) => nodes().some((child) => child.contains(node)),
  };
  Object.defineProperty(root, "childNodes", { get: nodes });
  Object.defineProperty(root, "firstChild", { get: () => nodes()[0] ?? null });
  return root as unknown as ContainerNode;
}
