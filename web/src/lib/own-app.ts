// The app that the pages below /provider/[id] are about: loaded once by their layout, read and changed by each.

import { getContext, setContext } from "svelte";
import type { Resource } from "./client/resource.svelte.ts";
import type { OwnedProvider } from "./client/types.ts";

const OWN_APP = Symbol("own app");

export const provideOwnApp = (app: Resource<OwnedProvider>): unknown => setContext(OWN_APP, app);
/** There while a page is drawn: the layout draws no page without it. */
export const useOwnApp = (): Resource<OwnedProvider> => getContext<Resource<OwnedProvider>>(OWN_APP);
