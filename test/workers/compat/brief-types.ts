// The product brief's TypeScript interfaces ("TypeScript Definitions"), as they stand there, for the compiler to hold
// against the /api answers. Below them: the same fields by name, for a check of what really came.

export interface User {
  id: string;
  email: string;
  tokenBalance: number;
  createdAt: string;
}

export interface Provider {
  id: string;
  name: string;
  description: string;
  appUrl: string;
  tokenRatePerHour: number;
  logoUrl: string;
  status: "active" | "inactive" | "maintenance";
}

export interface Session {
  id: string;
  userId: string;
  providerId: string;
  status: "pending" | "active" | "completed" | "expired" | "failed";
  durationLimitSeconds: number;
  tokensAllocated: number;
  tokensConsumed: number;
  createdAt: string;
}

export interface Transaction {
  id: string;
  userId: string;
  type: "purchase" | "consumption" | "refund" | "adjustment";
  amount: number;
  balanceAfter: number;
  sessionId?: string;
  createdAt: string;
}

export interface AuthResponse {
  user: User;
  token: string;
}

export interface SessionCreateResponse {
  session: {
    id: string;
    providerId: string;
    providerName: string;
    durationMinutes: number;
    tokensAllocated: number;
    redirectUrl: string;
  };
}

/** The kind of each field; the compiler sees to it that none is missing and none is too many. */
type Fields<Shape> = { [Name in keyof Required<Shape>]: "string" | "number" };

export const USER = {
  id: "string",
  email: "string",
  tokenBalance: "number",
  createdAt: "string",
} as const satisfies Fields<User>;

export const PROVIDER = {
  id: "string",
  name: "string",
  description: "string",
  appUrl: "string",
  tokenRatePerHour: "number",
  logoUrl: "string",
  status: "string",
} as const satisfies Fields<Provider>;

export const SESSION = {
  id: "string",
  userId: "string",
  providerId: "string",
  status: "string",
  durationLimitSeconds: "number",
  tokensAllocated: "number",
  tokensConsumed: "number",
  createdAt: "string",
} as const satisfies Fields<Session>;

export const TRANSACTION = {
  id: "string",
  userId: "string",
  type: "string",
  amount: "number",
  balanceAfter: "number",
  sessionId: "string",
  createdAt: "string",
} as const satisfies Fields<Transaction>;

export const CREATED_SESSION = {
  id: "string",
  providerId: "string",
  providerName: "string",
  durationMinutes: "number",
  tokensAllocated: "number",
  redirectUrl: "string",
} as const satisfies Fields<SessionCreateResponse["session"]>;
