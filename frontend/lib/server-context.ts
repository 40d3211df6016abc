/** How pages tell what is below them, on the server: no island may import this. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { PageInfo } from "./page-info.ts";
import { type Parts, rendering } from "./rendering.ts";

const Page = createContext<PageInfo | null>(null);
const ServerPartsContext = createContext<Parts>({});

rendering.hooks = {
  usePage: () => useContext(Page),
  useParts: () => useContext(ServerPartsContext),
};

/** Tells what is below it of its page. */
export const PageInfoProvider = Page.Provider;

/** Gives the islands below it what they show as `<ServerPart>`. */
export const ServerParts = ServerPartsContext.Provider;
