// An app of the catalogue ("provider" on the wire) with its current price, and the shapes in which it is shown.

import { iso, isoOrNull, type Millis } from "../clock.ts";
import type { PriceComponent } from "../pricing/components.ts";

export type AppStatus = "active" | "inactive" | "maintenance";
export type AppReview = "pending" | "approved" | "rejected";

export interface App {
  id: string;
  ownerUserId: string;
  name: string;
  description: string;
  category: string;
  tags: string[];
  useCases: string[];
  appUrl: string;
  appOrigin: string;
  logoUrl: string;
  /** What the app learns about a person, in plain words. */
  dataReceived: string[];
  refundTerms: string | null;
  /** ISO 3166 codes or names of regions it is offered in; empty means everywhere. */
  regions: string[];
  /** It cannot embed the meter: people agree to pay for the whole duration. Off unless its owner says so. */
  fixedDuration?: boolean;
  status: AppStatus;
  review: AppReview;
  priceVersionId: string;
  components: PriceComponent[];
  feeBasisPoints: number;
  /** What the first hour costs in tokens; null where time is not priced. */
  tokenRatePerHour: number | null;
  rating: number | null;
  ratingCount: number;
  createdAt: Millis;
  updatedAt: Millis;
  /** It does not answer our checks (domain/availability); nothing can be started until it does. */
  unreachableSince: Millis | null;
}

/** Whether it can be started now, as far as we know. */
export const isAvailable = (app: Pick<App, "status" | "unreachableSince">): boolean =>
  app.status === "active" && app.unreachableSince === null;

/** What a list shows of an app (contract section 4). */
export const cardOf = (app: App) => ({
  id: app.id,
  name: app.name,
  description: app.description,
  category: app.category,
  tags: app.tags,
  appUrl: app.appUrl,
  logoUrl: app.logoUrl,
  tokenRatePerHour: app.tokenRatePerHour,
  pricing: app.components,
  rating: app.rating,
  ratingCount: app.ratingCount,
  status: app.status,
  available: isAvailable(app),
});
export type Card = ReturnType<typeof cardOf>;

/** What its own page adds. */
export const detailOf = (app: App) => ({
  ...cardOf(app),
  useCases: app.useCases,
  dataReceived: app.dataReceived,
  refundTerms: app.refundTerms,
  regions: app.regions,
  fixedDuration: app.fixedDuration ?? false,
  feeBasisPoints: app.feeBasisPoints,
  priceVersionId: app.priceVersionId,
  createdAt: iso(app.createdAt),
  updatedAt: iso(app.updatedAt),
  unreachableSince: isoOrNull(app.unreachableSince),
});

/** What only its owner sees. */
export const ownedDetailOf = (app: App) => ({ ...detailOf(app), review: app.review, ownerUserId: app.ownerUserId });

/** Anyone may see an approved app by its id, also while it is inactive: receipts and histories link to it. */
export const isPublic = (app: App): boolean => app.review === "approved";
