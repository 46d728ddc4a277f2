import { json } from "@sveltejs/kit";
import { gate } from "../../hooks.server.js";

export const GET = (event) => {
  const session = gate.sessionOf(event);
  return json({ userId: session.userId, sessionId: session.id });
};
