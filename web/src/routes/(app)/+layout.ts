// Signed-in pages are drawn in the browser: the access token lives there alone.
export const ssr = false;
