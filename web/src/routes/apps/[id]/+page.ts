import { error } from "@sveltejs/kit";
import { getProvider, quote } from "$lib/client/endpoints.ts";
import { listPrices } from "$lib/client/price-endpoints.ts";
import { loadPricePageWords } from "$lib/price-page.ts";
import { asApiError } from "$lib/client/problem.ts";
import { DURATION_MAX_SECONDS, DURATION_MIN_SECONDS } from "$protocol/session.ts";
import type { PageLoad } from "./$types";

const DEFAULT_MINUTES = 60;

export const load: PageLoad = async ({ params, url, fetch, parent }) => {
  const minutes = wantedMinutes(url.searchParams.get("minutes"));
  try {
    const [provider, offer, prices, words] = await Promise.all([
      getProvider(params.id, fetch),
      quote(params.id, minutes * 60, fetch),
      listPrices(params.id, fetch),
      parent().then(({ i18n }) => loadPricePageWords(i18n.language)),
    ]);
    return {
      provider,
      offer,
      prices,
      words,
      minutes,
      signedQuote: url.searchParams.get("quote"),
      planId: url.searchParams.get("plan"),
    };
  } catch (thrown) {
    const refusal = asApiError(thrown);
    error(refusal.status === 404 || refusal.status === 400 ? 404 : 503, {
      message: refusal.code,
      code: refusal.code,
      requestId: refusal.requestId ?? undefined,
    });
  }
};

function wantedMinutes(text: string | null): number {
  const minutes = Number(text);
  const isPossible =
    Number.isInteger(minutes) && minutes * 60 >= DURATION_MIN_SECONDS && minutes * 60 <= DURATION_MAX_SECONDS;
  return text && isPossible ? minutes : DEFAULT_MINUTES;
}
