// What each error means to the person who meets it. The compiler asks for an entry per code; /docs/errors shows them and
// scripts/write-docs.ts writes docs/errors.md from them.

import type { ErrorCode } from "../../domain/errors.ts";

export interface ErrorEntry {
  /** What happened. */
  happened: string;
  /** What it means for the tokens. */
  tokens: string;
  /** What to do. */
  next: string;
}

const UNTOUCHED = "Nothing was held or charged.";
const FOREIGN_STATE = "Your tokens are as they were before the request.";

export const ERROR_GUIDE: Record<ErrorCode, ErrorEntry> = {
  invalid_request: {
    happened: "A field is missing, has the wrong type or lies outside its limits, or the body is not JSON.",
    tokens: UNTOUCHED,
    next: "`errors[]` names each field and what it must be. Correct them and send the request again.",
  },
  invalid_token_amount: {
    happened: "A purchase must be a whole number of tokens between 100 and 100,000.",
    tokens: "No order was made and no card was asked.",
    next: "Choose an amount in that range. Larger sums are bought in several purchases.",
  },
  invalid_cursor: {
    happened: "The `cursor` was not made by this list, or it was changed on the way.",
    tokens: FOREIGN_STATE,
    next: "Start again without a cursor and follow `nextCursor` as it comes.",
  },
  signature_invalid: {
    happened: "The body does not carry a valid signature, or the signature is older than five minutes.",
    tokens: "Nothing was credited or taken; an unsigned event is never believed.",
    next: "Check the signing secret, and sign the bytes as they are sent. Nothing may parse or reformat the body before.",
  },
  unauthenticated: {
    happened: "There is no access token, or it has expired (after 15 minutes), or its sign-in has ended.",
    tokens: FOREIGN_STATE,
    next: "Get a new one from `POST /v1/auth/refresh`; if that answers the same, sign in again. Running sessions go on.",
  },
  invalid_credentials: {
    happened: "The e-mail address and the password do not belong together. Which of them is wrong is never said.",
    tokens: FOREIGN_STATE,
    next: "Try again. After some failures there is a pause (`rate_limited`).",
  },
  launch_token_invalid: {
    happened: "The launch token was not issued by this marketplace for this app, or it was changed.",
    tokens: "The session, if there is one, has not started. Its hold returns five minutes after it was made.",
    next: "Send the person back to the marketplace to start again. Check the app's address and id if it happens to everyone.",
  },
  session_token_invalid: {
    happened: "The session token is not one of ours, or it has outlived its session.",
    tokens: "The meter does not take orders from it. If nobody else beats, it stops at the last good beat.",
    next: "Use the token that `start` answered. A server uses its API key with `sessionId` instead.",
  },
  api_key_invalid: {
    happened: "The API key is unknown, revoked, or not meant for this (a test key for a real session, or the reverse).",
    tokens: "Nothing was reported or charged.",
    next: "Check the key and its mode: `mk_live_` for real sessions, `mk_test_` for sandbox ones.",
  },
  session_expired: {
    happened: "The session is over: its time ran out, its tokens were used up, or somebody ended it.",
    tokens: "It is settled for what was used; the rest is back on the balance.",
    next: "Stop the work and send the person back to the marketplace. The receipt shows what was charged.",
  },
  insufficient_tokens: {
    happened: "The balance is below what this could cost at most. `requiredTokens` and `balanceTokens` say how much.",
    tokens: UNTOUCHED,
    next: "Buy tokens (`purchaseUrl`), or choose a shorter duration.",
  },
  tokens_depleted: {
    happened: "What was held for this meter is used up; the report does not fit and was refused whole.",
    tokens: "This report cost nothing. What was accepted before it stays charged.",
    next: "Do not do the work. The person can extend the session on the marketplace; then report again.",
  },
  card_declined: {
    happened: "The bank refused the card.",
    tokens: "No money moved and no tokens were credited.",
    next: "Use another card, or ask the bank. A started checkout page can be used again.",
  },
  forbidden: {
    happened: "You are signed in, but your account or key may not do this.",
    tokens: FOREIGN_STATE,
    next: "Use the account that owns the thing, or the kind of key the endpoint asks for.",
  },
  origin_not_allowed: {
    happened: "A page of another site asked for something only our own pages or the registered app may ask for.",
    tokens: FOREIGN_STATE,
    next: "Call from the app's registered origin, or from a server. A new origin is a change of the app's address.",
  },
  heartbeat_needs_page: {
    happened:
      "A server tried to beat or resume a session whose time is paid for. Only the page proves that somebody is there.",
    tokens: "The meter goes on as it was; nothing is billed by this.",
    next: "Let the browser SDK beat. A server may pause, end, report and read.",
  },
  user_pause_only: {
    happened: "The person paused this session on the marketplace. Only they can start it again, there.",
    tokens: "The meter stands and bills nothing. After 30 minutes the session ends and the rest comes back.",
    next: "Show that it is paused and point to the marketplace.",
  },
  not_found: {
    happened: "There is nothing at this address.",
    tokens: FOREIGN_STATE,
    next: "Look up the path in the reference at /docs.",
  },
  provider_not_found: {
    happened: "There is no such app in the catalogue, or it is not public, or it is not yours.",
    tokens: UNTOUCHED,
    next: "List the catalogue and use an `id` from there.",
  },
  session_not_found: {
    happened: "There is no such session, or it belongs to somebody else.",
    tokens: FOREIGN_STATE,
    next: "List your sessions and use an `id` from there. A provider sees only sessions of its own app and key mode.",
  },
  order_not_found: {
    happened: "There is no such order in your account.",
    tokens: "If money left your account all the same, it is credited as soon as the payment provider says so.",
    next: "Use the `orderId` of the purchase, or the checkout id of the page you came back from.",
  },
  webhook_not_found: {
    happened: "There is no such webhook endpoint, delivery or listener of yours in this mode.",
    tokens: FOREIGN_STATE,
    next: "List your endpoints; live and test ones are apart.",
  },
  plan_not_found: {
    happened: "There is no such plan, or nobody new can take it any more.",
    tokens: FOREIGN_STATE,
    next: "List the app's plans and take one of those.",
  },
  subscription_not_found: {
    happened: "There is no such subscription in your account.",
    tokens: FOREIGN_STATE,
    next: "List your subscriptions and use an `id` from there.",
  },
  conversation_not_found: {
    happened: "There is no such conversation, it has expired, or it belongs to somebody else.",
    tokens: FOREIGN_STATE,
    next: "Send the message without `conversationId`; a new conversation begins.",
  },
  already_subscribed: {
    happened: "You have a plan for this app already, or a page for another one of it is open.",
    tokens: FOREIGN_STATE,
    next: "Let the plan end first (it stays until its term is over), or pay the page that is open.",
  },
  card_not_found: {
    happened: "There is no such saved card in your account, or it was removed before.",
    tokens: FOREIGN_STATE,
    next: "List your cards and use an `id` from there.",
  },
  promotion_exists: {
    happened: "There is a promotion code of this name already. Codes are never changed, only stopped.",
    tokens: FOREIGN_STATE,
    next: "Choose another name.",
  },
  promotion_not_valid: {
    happened:
      "The promotion code is unknown, over, used up, used by you before, or asks for a larger purchase (`minimumTokens`).",
    tokens: "No order was made and no card was asked.",
    next: "Check how it is written, buy the amount it asks for, or buy without it.",
  },
  referral_not_possible: {
    happened: "Referrals are off, the code is unknown or your own, or you have bought tokens before or entered a code.",
    tokens: FOREIGN_STATE,
    next: "A code counts once, for a new account, before its first purchase.",
  },
  payout_not_found: {
    happened: "There is no such payout of this app.",
    tokens: FOREIGN_STATE,
    next: "List the payouts of the app you name; each app has its own.",
  },
  method_not_allowed: {
    happened: "The address exists, but not with this HTTP method.",
    tokens: FOREIGN_STATE,
    next: "Look up the operation in the reference at /docs.",
  },
  payload_too_large: {
    happened: "The body is larger than 128 KB.",
    tokens: "Nothing of it was read, reported or charged.",
    next: "Send at most 100 usage records in one request.",
  },
  unsupported_media_type: {
    happened: "The body is of a kind this endpoint does not read.",
    tokens: UNTOUCHED,
    next: "Send JSON with `Content-Type: application/json`.",
  },
  email_taken: {
    happened: "There is an account with this e-mail address already.",
    tokens: "No second account was made; the first keeps its balance.",
    next: "Sign in instead.",
  },
  idempotency_key_reused: {
    happened: "This `Idempotency-Key` came before with another body or for another thing.",
    tokens: "Only the first request had an effect.",
    next: "Use a new key for a new request, and the old key only to repeat the very same one.",
  },
  idempotency_in_progress: {
    happened: "A request with this `Idempotency-Key` is on its way to the payment provider.",
    tokens: "Whatever comes of it happens once.",
    next: "Wait for `Retry-After` and send the same request with the same key again.",
  },
  launch_token_used: {
    happened: "This launch link was redeemed before. It admits one page, once.",
    tokens: "The first start counts; this one changed nothing.",
    next: "Go back to the open page, or start a new session on the marketplace.",
  },
  session_closed: {
    happened: "The session has ended, so it takes no more commands or reports.",
    tokens: "This request cost nothing. The session is settled, or will be within seconds.",
    next: "Start a new session. The receipt shows what this one was charged.",
  },
  session_not_started: {
    happened: "Nobody has opened the app with this session yet.",
    tokens: "The hold stands until the launch link is used or five minutes have passed; then it comes back.",
    next: "Open the `redirectUrl`, or end the session to have the hold back at once.",
  },
  session_changed: {
    happened: "Something else changed the session in the same moment, such as another extension.",
    tokens: "This request held nothing.",
    next: "Look at the session again, then repeat the request if it is still wanted.",
  },
  settlement_pending: {
    happened: "The session has ended and is not settled yet, so there is no receipt.",
    tokens: "What is held stays held until the settlement, which charges only what was used.",
    next: "Ask again in a few seconds. Apps that report usage have 15 seconds after the end.",
  },
  report_conflict: {
    happened: "A report with this `idempotencyKey` came before with another amount.",
    tokens: "The first one counts; this one cost nothing.",
    next: "Use one key for one piece of work. If the first amount was wrong, tell support; reports are never changed.",
  },
  origin_taken: {
    happened: "Another owner has an app at this origin.",
    tokens: FOREIGN_STATE,
    next: "Use an origin that is yours alone. If it is yours and somebody else registered it, write to support.",
  },
  price_not_found: {
    happened: "The app has no price version with this id.",
    tokens: FOREIGN_STATE,
    next: "List its prices with `GET /v1/providers/:id/prices` and use an id from there.",
  },
  price_started: {
    happened: "The price version has started. What people were shown once stays in the history for good.",
    tokens: FOREIGN_STATE,
    next: "Publish another price. Sessions already made keep the one they were made with.",
  },
  price_schedule_full: {
    happened: "The app has announced five prices that have not started yet.",
    tokens: FOREIGN_STATE,
    next: "Take one of them back, then announce the new one.",
  },
  experiment_running: {
    happened: "The app tries a second price already. One test runs at a time, so that its figures mean something.",
    tokens: FOREIGN_STATE,
    next: "Stop the running test first; what it brought in stays on record.",
  },
  provider_quote_used: {
    happened: "A session was made with this quote before. One quote makes one session.",
    tokens: UNTOUCHED,
    next: "Ask the app for another quote.",
  },
  provider_quote_invalid: {
    happened: "The app's signed quote does not hold: its signature, its app, its time, its cap or its meter.",
    tokens: UNTOUCHED,
    next: "Ask the app for another. Apps sign quotes with `signQuote` and register the public key first.",
  },
  launch_token_expired: {
    happened: "The launch link was not opened within five minutes.",
    tokens: "The hold has come back, or comes back with the next look at the session.",
    next: "Start the session again on the marketplace.",
  },
  gone: {
    happened: "What was here has been removed for good.",
    tokens: FOREIGN_STATE,
    next: "Do not ask for it again.",
  },
  provider_unavailable: {
    happened:
      "The app is under maintenance, withdrawn, or does not answer (`reason: not_reachable`), so it cannot be started now.",
    tokens: UNTOUCHED,
    next: "Choose another app, or come back later: one that does not answer is looked at every half minute.",
  },
  price_changed: {
    happened: "The app's price changed between your quote and the start.",
    tokens: UNTOUCHED,
    next: "Look at the new price and start again if you agree with it.",
  },
  duration_out_of_range: {
    happened: "A session is made for 5 to 180 minutes, and extended by at least 5.",
    tokens: UNTOUCHED,
    next: "Choose a duration in that range.",
  },
  session_cap_reached: {
    happened: "A session lasts 12 hours at most, extensions included.",
    tokens: UNTOUCHED,
    next: "End it and start another.",
  },
  pricing_unsupported: {
    happened:
      "The price cannot be held for or charged as it is written, for instance a reported meter without `holdPerHour`.",
    tokens: "The app keeps the price it has.",
    next: "The detail says which part. docs/pricing.md has a working example of every model.",
  },
  unknown_meter: {
    happened: "The price has no meter of this name.",
    tokens: UNTOUCHED,
    next: "Use a `meter` of the app's `pricing`.",
  },
  report_too_late: {
    happened: "The work was done more than six hours before it was reported.",
    tokens: "It cost nothing and will not.",
    next: "Report within six hours; batches every minute are enough.",
  },
  url_not_allowed: {
    happened: "The address is not public https, or it carries a user name, or it points into a private network.",
    tokens: FOREIGN_STATE,
    next: "Use an https address that anyone can reach. Loopback addresses work on your own machine only.",
  },
  key_not_found: {
    happened: "There is no such API key of this app.",
    tokens: FOREIGN_STATE,
    next: "List the app's keys. Keys that stopped more than 30 days ago are no longer shown.",
  },
  key_revoked: {
    happened: "This API key was stopped, or has a successor already, so it cannot be replaced.",
    tokens: FOREIGN_STATE,
    next: "Replace its successor, or make a new key.",
  },
  key_limit_reached: {
    happened: "The app has twenty API keys that work.",
    tokens: FOREIGN_STATE,
    next: "Stop one that is not used; each says when it was used last.",
  },
  help_requested: {
    happened: "You have asked for help before, and nobody has answered yet.",
    tokens: FOREIGN_STATE,
    next: "Wait for the answer; it comes as a notification. Your first message is kept.",
  },
  webhook_limit_reached: {
    happened: "You have ten webhook endpoints in this mode, or five listeners run.",
    tokens: FOREIGN_STATE,
    next: "Remove one, or subscribe an existing one to more events.",
  },
  webhook_disabled: {
    happened: "This webhook endpoint is switched off.",
    tokens: "Events are kept all the same; sessions and payments go on.",
    next: "Switch it on again, then replay what it missed.",
  },
  refund_not_possible: {
    happened: "This purchase cannot be refunded: its tokens are spent, or the money went back already.",
    tokens: FOREIGN_STATE,
    next: "Unspent tokens of another purchase may be refundable. Otherwise write to support.",
  },
  spend_limit_reached: {
    happened:
      "A limit the person set on their own spending stands in the way. `limit` says which one (all apps or one, by day, week or month) and `resetsAt` when it begins anew.",
    tokens: "Nothing was held. Sessions that run already go on.",
    next: "Start something shorter, wait until `resetsAt`, or change the limit under Wallet, Automatic.",
  },
  connection_state_invalid: {
    happened:
      "What came back from the app's server carries no `state` of a connection this person began for this app in the last ten minutes, or it was used before.",
    tokens: UNTOUCHED,
    next: "Begin again with `POST /v1/connections/{id}/start`. If you did not begin one, somebody sent you the link: close it.",
  },
  connection_not_found: {
    happened: "You have no connected account at this app; or, for an app's server, nobody it knows by this id has one.",
    tokens: FOREIGN_STATE,
    next: "Connect with `POST /v1/connections/{id}/start`.",
  },
  person_not_found: {
    happened: "Nobody has this id or this e-mail address.",
    tokens: UNTOUCHED,
    next: "Look the person up again; who deleted their account cannot be given anything.",
  },
  connections_not_offered: {
    happened:
      "The app's owner has not set up connections, or they work the other way (by signing in there, or with a key).",
    tokens: FOREIGN_STATE,
    next: "`GET /v1/connections/{id}` says how an app is connected. The owner sets it up at `/v1/provider/apps/{id}/connections`.",
  },
  connection_refused: {
    happened:
      "`reason` says why: `denied` the person said no at the app, `refused` its server does not honour what it was sent, `untrusted` its answer does not hold together (issuer, signature, nonce, or no identity).",
    tokens: FOREIGN_STATE,
    next: "Connect again. If it stays `untrusted`, the app's owner must look at its server: compare issuer and endpoints.",
  },
  connection_server_unavailable: {
    happened: "The app's authorization server did not answer within eight seconds, or failed.",
    tokens: FOREIGN_STATE,
    next: "Try again in a minute. A running session does not need the connection.",
  },
  slice_not_found: {
    happened: "The session has no disputed slice, or it is not a session of yours.",
    tokens: FOREIGN_STATE,
    next: "`GET /v1/provider/slices` lists those of an app; a session's receipt says whether it has one.",
  },
  slice_closed: {
    happened: "Evidence was shown, or the slice was decided, or the time for this step is over.",
    tokens: "What moved before stands; this request moved nothing.",
    next: "Read the slice again: `status`, `outcome` and `chargedTokens` say what it came to.",
  },
  slice_evidence_invalid: {
    happened:
      "The evidence names keys that are not reports of a disputed meter in this session (`unknownKeys`), or it comes to no more than what was charged already; or an operator's units lie outside what is disputed.",
    tokens: "The slice stays held, and its time runs on.",
    next: "Name the reports by the `idempotencyKey` you sent them with, all of those you can show at once.",
  },
  daily_limit_reached: {
    happened:
      "The person allows themselves so many minutes a day, in this app or in all, and they are used up. `limit` says which, `resetsAt` when the next day begins (UTC).",
    tokens: "Nothing was held. Sessions that run already go on.",
    next: "Wait until `resetsAt`, or change the rule under Account, Pauses.",
  },
  scheduled_sessions_limit: {
    happened: "Twenty sessions are planned already, which is the most at once.",
    tokens: "Planned sessions hold nothing.",
    next: "Start or cancel one, then plan another.",
  },
  scheduled_session_not_found: {
    happened: "There is no planned session with this id, or it is somebody else's.",
    tokens: "Nothing was held.",
    next: "List them with `GET /v1/scheduled-sessions`.",
  },
  scheduled_session_not_due: {
    happened: "A planned session can be started from five minutes before its time; `opensAt` says when.",
    tokens: "Nothing was held.",
    next: "Come back at `opensAt`, or start a session now without the plan.",
  },
  scheduled_session_over: {
    happened: "The plan was started, cancelled or missed already; `status` says which, `sessionId` what it became.",
    tokens: "This call held nothing.",
    next: "Open the session it became, or start or plan another.",
  },
  fixed_duration: {
    happened:
      "The app charges a fixed duration: all of the time, also if one leaves earlier. Starting needs the person's consent to exactly that, and its clock cannot be paused.",
    tokens: "Nothing was held by the refused start; a running session is as it was.",
    next: "Show the person what they agree to and send `fixedDuration: true`. A running one can be ended.",
  },
  complaint_not_found: {
    happened: "There is no complaint with this id.",
    tokens: FOREIGN_STATE,
    next: "List the complaints and take an id from there.",
  },
  complaint_exists: {
    happened: "A problem with this session was reported and waits for its answer.",
    tokens: FOREIGN_STATE,
    next: "Wait; the answer will stand on the receipt, and a notification tells of it.",
  },
  complaint_decided: {
    happened: "Another operator, or the same one in another tab, has decided this complaint.",
    tokens: "What that decision moved stands; this one moved nothing.",
    next: "Read the complaint again.",
  },
  review_needs_session: {
    happened: "You have no settled session of this app that cost you something. Only who paid for it may review it.",
    tokens: UNTOUCHED,
    next: "Use the app; when the session is settled, its receipt asks how it was.",
  },
  review_not_found: {
    happened: "There is no such review of this app, or it is not shown any more.",
    tokens: UNTOUCHED,
    next: "Read `GET /v1/providers/{id}/reviews` again; its writer may have taken it back.",
  },
  complaint_not_possible: {
    happened:
      "The session is not settled, is too old, or was reported too often; or more should come back than was charged (`leftTokens`).",
    tokens: FOREIGN_STATE,
    next: "Read the message; write to support where it says so.",
  },
  account_blocked: {
    happened:
      "A payment of this account was charged back and lost (`reason` is `dispute_lost`), or an operator stopped it while looking into fraud (`fraud`).",
    tokens: "What is in the wallet stays there; sessions that run may end as always. Nothing new is held.",
    next: "With `dispute_lost`: `GET /v1/me/debts` says what is owed, and the next purchase pays it back first, which lifts it. Otherwise write to support.",
  },
  payout_in_progress: {
    happened: "A payout of this app is on its way already.",
    tokens: "What became payable since is not lost: it makes the next payout.",
    next: "Wait until it is paid or has failed; the webhook events `payout.paid` and `payout.failed` tell.",
  },
  payouts_not_ready: {
    happened: "Stripe cannot pay you yet: it was not told where to, or still needs something from you.",
    tokens: "What you earned stays yours and is paid out once you can be paid.",
    next: "Open the onboarding page (POST /v1/provider/payouts/onboarding) and finish it at Stripe.",
  },
  payout_below_minimum: {
    happened: "What is payable now is less than the smallest payout.",
    tokens: "It is carried forward to the next payout.",
    next: "Wait for more, or until the hold days of newer sessions are over; `payableCents` and `minimumCents` say how much.",
  },
  saved_card_needed: {
    happened: "What was asked for charges a saved card later, and there is none that may be charged.",
    tokens: "Nothing changed.",
    next: "Buy tokens once and let the card be saved on Stripe's page, then ask again.",
  },
  rate_limited: {
    happened: "Too many requests from this account, key or address.",
    tokens: "The request was not looked at, so nothing was held or charged.",
    next: "Wait for `Retry-After` seconds. The `RateLimit` header shows how much is left.",
  },
  internal: {
    happened: "Something failed on our side.",
    tokens: "Nothing was charged by this request. What was accepted before it stands.",
    next: "Send it again with the same `Idempotency-Key`. If it stays, give us the `requestId`.",
  },
  payment_provider_unavailable: {
    happened: "The payment provider did not answer, or answered nonsense.",
    tokens:
      "No tokens were credited and no page was opened; if a payment did go through, it is credited when it is known.",
    next: "Try again in a minute with the same `Idempotency-Key`.",
  },
  temporarily_unavailable: {
    happened: "A part we need does not answer right now.",
    tokens: "Nothing was charged. A running meter keeps its own time and is not lost.",
    next: "Send it again in a moment, with the same `Idempotency-Key`.",
  },
  account_owns_apps: {
    happened: "The account to be deleted still has apps that people can find.",
    tokens: FOREIGN_STATE,
    next: "Set each app to `inactive` (`PATCH /v1/provider/apps/{id}`), then delete the account.",
  },
  account_not_empty: {
    happened: "There are tokens in the wallet (`balanceTokens`, `heldTokens`), and nobody said they may be lost.",
    tokens: "They are all still there; no session was ended.",
    next: "Ask for a refund of what was bought, or send `giveUpTokens: true`.",
  },
  erasure_not_confirmed: {
    happened: "The address sent to confirm the deletion is not the account's own.",
    tokens: FOREIGN_STATE,
    next: "Send the address you sign in with. Nothing was deleted.",
  },
};
