// The balance every page shows, the same in all tabs. Money is never shown ahead of the server.

import { hearTabs, tellTabs } from "./channel.ts";
import { getBalance } from "./endpoints.ts";
import { asApiError, type ApiError } from "./problem.ts";

interface BalanceState {
  /** Spendable tokens; null until known. */
  available: number | null;
  held: number;
  asOf: string | null;
  error: ApiError | null;
}

export const balance = $state<BalanceState>({ available: null, held: 0, asOf: null, error: null });

/** Ask the server. A failure keeps the last figures and says so. */
export async function refreshBalance(): Promise<void> {
  try {
    const answer = await getBalance();
    setBalance(answer.balance, answer.held);
  } catch (thrown) {
    balance.error = asApiError(thrown);
  }
}

/** Take a balance that came with another answer. `held` unknown: left as it was until the next refresh. */
export function setBalance(available: number, held?: number): void {
  apply(available, held);
  tellTabs({ type: "TOKEN_BALANCE_UPDATE", data: { balance: available, held } });
}

export function clearBalance(): void {
  balance.available = null;
  balance.held = 0;
  balance.asOf = null;
  balance.error = null;
}

export const followBalance = (): (() => void) =>
  hearTabs((message) => {
    if (message.type === "TOKEN_BALANCE_UPDATE") apply(message.data.balance, message.data.held);
  });

function apply(available: number, held: number | undefined): void {
  balance.available = available;
  if (held !== undefined) balance.held = held;
  balance.asOf = new Date().toISOString();
  balance.error = null;
}
