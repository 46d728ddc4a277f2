// One Idempotency-Key for each thing a person means to do. A lost answer or a 5xx keeps the key, so that pressing the button
// again can never buy or start twice; a clear answer frees it, so that doing the same thing again on purpose works.

const pending = new Map<string, string>();

const intentOf = (request: string, body: unknown): string => `${request} ${JSON.stringify(body ?? null)}`;

export function keyFor(request: string, body: unknown): string {
  const intent = intentOf(request, body);
  const known = pending.get(intent);
  if (known) return known;
  const key = crypto.randomUUID();
  pending.set(intent, key);
  return key;
}

export const answered = (request: string, body: unknown): void => {
  pending.delete(intentOf(request, body));
};
