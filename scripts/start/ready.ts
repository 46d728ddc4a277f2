// Waits until a place answers as a browser would find it: any answer that is not a server error.

const TRY_EVERY_MS = 100;

/** @throws Error naming the address that did not answer in time. */
export async function untilAnswering(url: string, waitMs = 30_000): Promise<void> {
  const until = Date.now() + waitMs;
  let last = "no answer";
  while (Date.now() < until) {
    try {
      const answer = await fetch(url, { redirect: "manual" });
      await answer.body?.cancel();
      if (answer.status < 500) return;
      last = `status ${answer.status}`;
    } catch (error) {
      last = (error as Error).message;
    }
    await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
  }
  throw new Error(`${url} did not answer within ${waitMs / 1000} s (${last}).`);
}
