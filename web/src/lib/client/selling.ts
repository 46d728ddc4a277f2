// What operators turn: the settings and the promotion codes.

import { call } from "./api.ts";

export interface SettingRow {
  key: string;
  value: unknown;
  default: unknown;
  about: string;
  updatedAt: string | null;
}
export interface SettingsView {
  settings: SettingRow[];
  changes: { key: string; oldValue: unknown; newValue: unknown; changedBy: string; at: string }[];
}
export interface PromotionCode {
  code: string;
  discountBasisPoints: number;
  bonusTokens: number;
  tokensMin: number;
  usesMax: number;
  uses: number;
  endsAt: string;
  stoppedAt: string | null;
}

export const getSettings = () => call<SettingsView>("/v1/operator/settings");
export const changeSetting = (key: string, value: unknown) =>
  call<SettingsView>("/v1/operator/settings", { method: "PUT", body: { settings: { [key]: value } } });
export const listPromotions = () => call<{ promotions: PromotionCode[] }>("/v1/operator/promotions");
export const makePromotion = (body: Record<string, unknown>) =>
  call<{ promotion: PromotionCode }>("/v1/operator/promotions", { method: "POST", body });
export const stopPromotion = (code: string) =>
  call<{ promotion: PromotionCode }>(`/v1/operator/promotions/${encodeURIComponent(code)}/stop`, { method: "POST" });
