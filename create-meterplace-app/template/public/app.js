// The page: the marketplace's meter, and the work. The server redeemed the link; the meter gets its token from there.

window.MarketplaceSDK = window.MarketplaceSDK || { q: [] };
window.MarketplaceSDK.q.push((sdk) => {
  const session = sdk.create({
    providerId: document.body.dataset.providerId,
    async onFetchConnectionToken() {
      const answer = await fetch("/meterplace/connection-token", { method: "POST" });
      return (await answer.json()).secret ?? undefined;
    },
    onReady: () => show(true),
    onNosession: () => show(false),
    onError: (error) => console.warn(error.code, error.message),
  });

  document.getElementById("order").addEventListener("submit", async (event) => {
    event.preventDefault();
    const order = { id: crypto.randomUUID(), text: document.getElementById("text").value };
    // Answered 401 with SESSION_EXPIRED, the meter ends here as well.
    const answer = await session.fetch("/work", { method: "POST", body: JSON.stringify(order) });
    const result = await answer.json();
    document.getElementById("result").textContent = answer.ok
      ? `${result.words} words, ${result.letters} letters.`
      : (result.error ?? "The session is over.");
    void session.refresh();
  });
});

function show(isInside) {
  document.getElementById("order").hidden = !isInside;
  document.getElementById("door").hidden = isInside;
}
