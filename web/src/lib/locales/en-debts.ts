// The words about what a person owes after a lost dispute, in English.

export const enDebts = {
  title: (money: string) => `You owe ${money}`,
  body: (disputed: string) =>
    `Your bank took a payment of ${disputed} back after a part of it was spent. Until that part is paid back nothing new can be started. Paying it back is a purchase: its tokens cover what you owe first, and what is left over is yours.`,
  pay: (money: string) => `Pay back with ${money}`,
  failed: "What you owe could not be loaded",
};
export type DebtMessages = typeof enDebts;
