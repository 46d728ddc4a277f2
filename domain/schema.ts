// The catalogue's tables as drizzle sees them, for typed reads; migrations/0002_catalogue.sql is what makes them. Times are
// milliseconds; lists and price components are JSON text that was checked before it was written.

import { integer, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { PriceComponent } from "./pricing/components.ts";

const textList = (column: string) => text(column, { mode: "json" }).$type<string[]>().notNull();

export const providers = sqliteTable("providers", {
  id: text().primaryKey(),
  ownerUserId: text("owner_user_id").notNull(),
  name: text().notNull(),
  description: text().notNull(),
  category: text().notNull(),
  tags: textList("tags"),
  useCases: textList("use_cases"),
  appUrl: text("app_url").notNull(),
  appOrigin: text("app_origin").notNull(),
  logoUrl: text("logo_url").notNull(),
  dataReceived: textList("data_received"),
  refundTerms: text("refund_terms"),
  regions: textList("regions"),
  fixedDuration: integer("fixed_duration", { mode: "boolean" }).notNull(),
  authType: text("auth_type", { enum: ["oauth", "saml", "api_key"] }).notNull(),
  status: text({ enum: ["active", "inactive", "maintenance"] }).notNull(),
  review: text({ enum: ["pending", "approved", "rejected"] }).notNull(),
  priceVersionId: text("price_version_id").notNull(),
  tokenRatePerHour: integer("token_rate_per_hour"),
  rating: real(),
  ratingCount: integer("rating_count").notNull(),
  createdAt: integer("created_at").notNull(),
  updatedAt: integer("updated_at").notNull(),
});

/** What a list needs of an app's health (migrations/0043_availability.sql). */
export const appHealth = sqliteTable("app_health", {
  providerId: text("provider_id").primaryKey(),
  openSince: integer("open_since"),
});

export const priceVersions = sqliteTable("price_versions", {
  id: text().primaryKey(),
  providerId: text("provider_id").notNull(),
  components: text({ mode: "json" }).$type<PriceComponent[]>().notNull(),
  feeBasisPoints: integer("fee_basis_points").notNull(),
  createdAt: integer("created_at").notNull(),
});
