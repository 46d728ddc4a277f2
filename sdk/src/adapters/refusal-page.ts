// The page for a launch link that lets nobody in: why, in plain words, and the way on. Only our own words are in it.

export interface Refusal {
  /** `launch_token_used`, `launch_token_expired`, `launch_token_invalid`, ... (docs/errors.md). */
  code: string;
  /** The marketplace could not be asked: loading the page again may help. */
  canRetry: boolean;
  /** The app's page there, where a new session starts. */
  marketplacePage: string;
}

const SENTENCES: Record<string, string> = {
  launch_token_used: "This link was already used. Each link opens one session, once.",
  launch_token_expired: "This link is older than five minutes.",
};
const RETRY = "The marketplace cannot be reached at the moment. Load this page again in a little while.";
const OTHERWISE = "This link does not open a session here.";

export function refusalPage({ code, canRetry, marketplacePage }: Refusal): string {
  const sentence = canRetry ? RETRY : (SENTENCES[code] ?? OTHERWISE);
  const href = marketplacePage.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>No session</title>
<h1>No session</h1>
<p>${sentence}</p>
<p><a href="${href}" rel="noreferrer">Start on the marketplace</a></p>
</html>
`;
}
