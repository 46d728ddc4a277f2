export function isPrintable(text: unknown): boolean;
export function symbolsOf(text: string): number[];
export function barcode(text: string): string;
