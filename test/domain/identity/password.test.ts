import { describe, expect, it } from "vitest";
import { hashPassword, isPassword } from "../../../domain/identity/password.ts";

it("knows the password it hashed, and no other", async () => {
  const stored = await hashPassword("password123");
  expect(await isPassword("password123", stored)).toBe(true);
  expect(await isPassword("password124", stored)).toBe(false);
});

it("salts: the same password never hashes the same twice", async () => {
  expect(await hashPassword("password123")).not.toBe(await hashPassword("password123"));
});

it("still knows passwords hashed with other parameters", async () => {
  // Third vector of RFC 7914 section 12 (N = 16384, r = 8, p = 1, salt "SodiumChloride"), its first 32 bytes.
  const vector = "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2";
  const base64 = (bytes: Buffer) => bytes.toString("base64").replaceAll("=", "");
  const salt = base64(Buffer.from("SodiumChloride"));
  const stored = `$scrypt$ln=14,r=8,p=1$${salt}$${base64(Buffer.from(vector, "hex"))}`;
  expect(await isPassword("pleaseletmein", stored)).toBe(true);
});

describe("a stored string that is no hash of ours", () => {
  it.each(["", "password123", "$scrypt$", "$2b$10$abcdefghijklmnopqrstuv", "$scrypt$ln=99999,r=8,p=5$AAAA$AAAA"])(
    "%j matches nothing",
    async (stored) => {
      expect(await isPassword("password123", stored)).toBe(false);
    },
  );
});
