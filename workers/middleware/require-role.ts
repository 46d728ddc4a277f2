// Doors for one role. Stands after `requireUser`.

import { createMiddleware } from "hono/factory";
import { DomainError } from "../../domain/errors.ts";
import type { UserRole } from "../../domain/identity/access-token.ts";
import type { AppEnv } from "../http.ts";

export const requireRole = (role: UserRole) =>
  createMiddleware<AppEnv>(async (c, next) => {
    if (c.get("user").role !== role) throw new DomainError("forbidden", "Your account may not do this.");
    await next();
  });
