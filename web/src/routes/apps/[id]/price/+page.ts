// The calculator of one app. Its figures stand in the address, so that a link shows what somebody else worked out.

import { error } from "@sveltejs/kit";
import { getProvider, quote } from "$lib/client/endpoints.ts";
import { asApiError } from "$lib/client/problem.ts";
import { loadPricePageWords } from "$lib/price-page.ts";
import { readFigures } from "$lib/calculator.ts";
import type { PageLoad } from "./$types";

export const load: PageLoad = async ({ params, url, fetch, parent }) => {
  try {
    const [provider, offer, words] = await Promise.all([
      getProvider(params.id, fetch),
      quote(params.id, 3600, fetch),
      parent().then(({ i18n }) => loadPricePageWords(i18n.language)),
    ]);
    return { provider, offer, words, figures: readFigures(url.searchParams, offer.pricing) };
  } catch (thrown) {
    const refusal = asApiError(thrown);
    error(refusal.status === 404 || refusal.status === 400 ? 404 : 503, {
      message: refusal.code,
      code: refusal.code,
      requestId: refusal.requestId ?? undefined,
    });
  }
};
