// /api/auth: the same answers as /v1/auth.

import { createRoute } from "@hono/zod-openapi";
import { json, newRouter } from "../http.ts";
import {
  answerLogin,
  answerLogout,
  answerRefresh,
  answerRegister,
  COOKIE,
  LoginBodySchema,
  RegisterBodySchema,
  SignInSchema,
} from "../routes/auth.ts";
import { API_TAG, apiErrors, jsonBody } from "./responses.ts";

export const apiAuthRoutes = newRouter();

apiAuthRoutes.openapi(
  createRoute({
    method: "post",
    path: "/api/auth/register",
    operationId: "apiRegister",
    summary: "Create an account",
    description: "As `POST /v1/auth/register`.",
    tags: [API_TAG],
    security: [],
    request: { body: jsonBody(RegisterBodySchema) },
    responses: { 201: json(SignInSchema, "The new account, signed in"), ...apiErrors(400, 409, 429) },
  }),
  async (c) => c.json(await answerRegister(c, c.req.valid("json")), 201),
);

apiAuthRoutes.openapi(
  createRoute({
    method: "post",
    path: "/api/auth/login",
    operationId: "apiLogin",
    summary: "Sign in",
    description: "As `POST /v1/auth/login`.",
    tags: [API_TAG],
    security: [],
    request: { body: jsonBody(LoginBodySchema) },
    responses: { 200: json(SignInSchema, "Signed in"), ...apiErrors(400, 401, 429) },
  }),
  async (c) => c.json(await answerLogin(c, c.req.valid("json")), 200),
);

apiAuthRoutes.openapi(
  createRoute({
    method: "post",
    path: "/api/auth/refresh",
    operationId: "apiRefresh",
    summary: "Get a new access token",
    description: "As `POST /v1/auth/refresh`.",
    tags: [API_TAG],
    security: COOKIE,
    responses: { 200: json(SignInSchema, "Still signed in"), ...apiErrors(401, 403, 429) },
  }),
  async (c) => c.json(await answerRefresh(c), 200),
);

apiAuthRoutes.openapi(
  createRoute({
    method: "post",
    path: "/api/auth/logout",
    operationId: "apiLogout",
    summary: "Sign out",
    description: "As `POST /v1/auth/logout`.",
    tags: [API_TAG],
    security: [...COOKIE, {}],
    responses: { 204: { description: "Signed out" }, ...apiErrors(403) },
  }),
  async (c) => {
    await answerLogout(c);
    return c.body(null, 204);
  },
);
