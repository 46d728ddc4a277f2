// Registering, signing in, staying signed in and signing out. The answering functions are exported for the /api face.

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { unauthenticated } from "../../domain/identity/access-token.ts";
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from "../../domain/identity/password.ts";
import { RefreshTokenReused } from "../../domain/identity/refresh-token.ts";
import { logIn, logOut, refresh, register, type OpenSignIn } from "../../domain/identity/sign-in.ts";
import { newRouter, problems, type AppEnv } from "../http.ts";
import { viewerOf } from "../middleware/authenticate.ts";
import { forgiveAttempt, limitAnonymous, limitAttempt } from "../middleware/rate-limit.ts";
import { assertOwnOrigin, clearRefreshCookie, readRefreshCookie, setRefreshCookie } from "../refresh-cookie.ts";

const EMAIL_MAX_LENGTH = 254; // RFC 5321, 4.5.3.1.3
const NAME_MAX_LENGTH = 100;

const EmailSchema = z
  .string()
  .max(EMAIL_MAX_LENGTH)
  .trim()
  .toLowerCase()
  .pipe(z.email("must be an e-mail address"))
  .openapi({ format: "email", example: "user@example.com" });

export const RegisterBodySchema = z
  .object({
    email: EmailSchema,
    password: z.string().min(PASSWORD_MIN_LENGTH).max(PASSWORD_MAX_LENGTH).openapi({ example: "password123" }),
    name: z.string().trim().max(NAME_MAX_LENGTH).optional(),
  })
  .openapi("RegisterBody");

export const LoginBodySchema = z
  .object({ email: EmailSchema, password: z.string().max(PASSWORD_MAX_LENGTH).openapi({ example: "password123" }) })
  .openapi("LoginBody");

export const SignInSchema = z
  .object({
    user: z.object({
      id: z.string(),
      email: z.string(),
      tokenBalance: z.number().int().openapi({ description: "Tokens that can be spent now." }),
      createdAt: z.string(),
    }),
    token: z.string().openapi({ description: "Access token (JWT) for `Authorization: Bearer`, valid for 15 minutes." }),
  })
  .openapi("SignIn");
type SignIn = z.infer<typeof SignInSchema>;

export async function answerRegister(c: Context<AppEnv>, body: z.infer<typeof RegisterBodySchema>): Promise<SignIn> {
  limitAnonymous(c);
  await limitAttempt(c, body.email);
  return opened(c, await register(c.env, body, c.get("now")));
}

export async function answerLogin(c: Context<AppEnv>, body: z.infer<typeof LoginBodySchema>): Promise<SignIn> {
  limitAnonymous(c);
  await limitAttempt(c, body.email);
  const signIn = await logIn(c.env, body, c.get("now"));
  await forgiveAttempt(c, body.email);
  return opened(c, signIn);
}

export async function answerRefresh(c: Context<AppEnv>): Promise<SignIn> {
  assertOwnOrigin(c);
  limitAnonymous(c);
  const token = readRefreshCookie(c);
  if (!token) throw unauthenticated();
  try {
    return opened(c, await refresh(c.env, token, c.get("now")));
  } catch (error) {
    if (error instanceof RefreshTokenReused) warnOfReuse(c, error.signInId);
    throw error;
  }
}

/** Ends the sign-in of the cookie and that of the bearer token, whichever came. Signing out twice is fine. */
export async function answerLogout(c: Context<AppEnv>): Promise<void> {
  assertOwnOrigin(c);
  const refreshToken = readRefreshCookie(c);
  if (refreshToken) await logOut(c.env, { refreshToken });
  const viewer = await viewerOf(c).catch(() => null);
  if (viewer) await logOut(c.env, { signInId: viewer.signInId });
  clearRefreshCookie(c);
}

function opened(c: Context<AppEnv>, signIn: OpenSignIn): SignIn {
  setRefreshCookie(c, signIn);
  const { id, email, tokenBalance, createdAt } = signIn.person;
  return { user: { id, email, tokenBalance, createdAt }, token: signIn.accessToken };
}

function warnOfReuse(c: Context<AppEnv>, signInId: string): void {
  const { requestId } = c.var;
  console.warn(JSON.stringify({ message: "refresh token used twice, sign-in ended", requestId, signInId }));
}

const signInAnswer = (description: string) => ({
  description,
  content: { "application/json": { schema: SignInSchema } },
});
const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  // `required`, or a body with another content type would skip the schema.
  body: { required: true, content: { "application/json": { schema } } },
});

/** What the browser sends by itself. */
export const COOKIE: Record<string, string[]>[] = [{ refreshCookie: [] }];

export const authRoutes = newRouter();

authRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/auth/register",
    operationId: "register",
    summary: "Create an account",
    description: "Makes an account with an empty balance and signs it in. Sets the refresh cookie.",
    tags: ["Auth"],
    security: [],
    request: jsonBody(RegisterBodySchema),
    responses: { 201: signInAnswer("The new account, signed in"), ...problems(400, 409, 429) },
  }),
  async (c) => c.json(await answerRegister(c, c.req.valid("json")), 201),
);

authRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/auth/login",
    operationId: "login",
    summary: "Sign in",
    description: "Signs in with e-mail and password. Sets the refresh cookie.",
    tags: ["Auth"],
    security: [],
    request: jsonBody(LoginBodySchema),
    responses: { 200: signInAnswer("Signed in"), ...problems(400, 401, 429) },
  }),
  async (c) => c.json(await answerLogin(c, c.req.valid("json")), 200),
);

authRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/auth/refresh",
    operationId: "refresh",
    summary: "Get a new access token",
    description:
      "Exchanges the refresh cookie for its successor and a new access token. Repeating it within 10 seconds gives the " +
      "same successor; using an old cookie later ends the sign-in. Answers only our own pages (`Origin`).",
    tags: ["Auth"],
    security: COOKIE,
    responses: { 200: signInAnswer("Still signed in"), ...problems(401, 403, 429) },
  }),
  async (c) => c.json(await answerRefresh(c), 200),
);

authRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/auth/logout",
    operationId: "logout",
    summary: "Sign out",
    description: "Ends this sign-in and removes the refresh cookie. Repeating it changes nothing.",
    tags: ["Auth"],
    security: [...COOKIE, {}],
    responses: { 204: { description: "Signed out" }, ...problems(403) },
  }),
  async (c) => {
    await answerLogout(c);
    return c.body(null, 204);
  },
);
