import { listProviders } from "$lib/client/endpoints.ts";
import type { PageLoad } from "./$types";

/** A few apps to start with; the page stands without them. */
export const load: PageLoad = async ({ fetch }) => {
  const popular = await listProviders({ limit: 5 }, fetch).then(
    (answer) => answer.providers,
    () => [],
  );
  return { popular };
};
