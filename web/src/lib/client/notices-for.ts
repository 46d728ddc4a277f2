// Where a browser keeps for whom it was turned on for notices (push.ts, which only such browsers load).

export const NOTICES_FOR = "notices-for";
