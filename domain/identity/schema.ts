// The engine's tables as drizzle sees them; migrations/0004_identity.sql is what makes them. Times are milliseconds.

import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

const moment = (column: string) => integer(column, { mode: "timestamp_ms" });

export const users = sqliteTable("users", {
  id: text().primaryKey(),
  email: text().notNull(),
  emailVerified: integer("email_verified", { mode: "boolean" }).notNull(),
  name: text().notNull(),
  image: text(),
  role: text({ enum: ["user", "operator"] }).notNull(),
  walletId: text("wallet_id").notNull(),
  createdAt: moment("created_at").notNull(),
  updatedAt: moment("updated_at").notNull(),
});

export const credentials = sqliteTable("credentials", {
  id: text().primaryKey(),
  userId: text("user_id").notNull(),
  providerId: text("provider_id").notNull(),
  accountId: text("account_id").notNull(),
  password: text(),
  accessToken: text("access_token"),
  refreshToken: text("refresh_token"),
  idToken: text("id_token"),
  accessTokenExpiresAt: moment("access_token_expires_at"),
  refreshTokenExpiresAt: moment("refresh_token_expires_at"),
  scope: text(),
  createdAt: moment("created_at").notNull(),
  updatedAt: moment("updated_at").notNull(),
});

export const signIns = sqliteTable("sign_ins", {
  id: text().primaryKey(),
  userId: text("user_id").notNull(),
  token: text().notNull(),
  ipAddress: text("ip_address"),
  userAgent: text("user_agent"),
  expiresAt: moment("expires_at").notNull(),
  createdAt: moment("created_at").notNull(),
  updatedAt: moment("updated_at").notNull(),
});

export const verifications = sqliteTable("verifications", {
  id: text().primaryKey(),
  identifier: text().notNull(),
  value: text().notNull(),
  expiresAt: moment("expires_at").notNull(),
  createdAt: moment("created_at").notNull(),
  updatedAt: moment("updated_at").notNull(),
});
