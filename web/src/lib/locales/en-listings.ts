// The words of the operators' page about apps that wait or are flagged, in English.

export const enListingsArea = {
  listings: { label: "Listings", what: "Apps that wait to be shown, and words in listings that speak to machines." },
};

export const enListings = {
  title: "Listings",
  lead: "Apps that wait to be shown, and apps whose words somebody should look at. A flag is a hint, not a proof.",
  failed: "The listings could not be loaded.",
  none: "Nothing waits",
  noneBody: "New apps wait here in production. Apps whose words speak to machines are listed wherever they are.",
  pending: "Waits to be shown",
  approved: "In the catalogue",
  flagged: "Look at",
  kinds: {
    instructions: "speaks to machines",
    markup: "markup",
    address: "an address",
    stuffing: "words piled up",
    lookalike: "letters that pretend to be others",
  } as Record<string, string>,
  fields: {
    name: "Name",
    description: "Description",
    tags: "Tags",
    useCases: "Use cases",
    refundTerms: "Refund terms",
    dataReceived: "Data received",
  } as Record<string, string>,
  changed: (when: string) => `Changed ${when}`,
  decide: "Decide",
  decideTitle: (name: string) => `Decide on ${name}`,
  decideBody:
    "Show it: it is in the catalogue, and these words are not listed again. Take it out: nobody finds or starts it.",
  reason: "Reason",
  reasonHint: "It is kept, and told to the owner.",
  approve: "Show it",
  reject: "Take it out",
  keep: "Not now",
  ownerGone: "owner's account deleted",
};
