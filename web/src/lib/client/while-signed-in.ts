// What goes on behind the pages while somebody is signed in. Loaded then, and by nobody else.

import { holdLiveSocket } from "./live-socket.ts";
import { NOTICES_FOR } from "./notices-for.ts";

/** Hold the live socket, and keep this browser's notices by the sign-in there is now. Until `signal` says that it is over. */
export function whileSignedIn(signal: AbortSignal): void {
  void holdLiveSocket(signal);
  if (localStorage.getItem(NOTICES_FOR)) void import("./push.ts").then(({ keepPush }) => keepPush());
}
