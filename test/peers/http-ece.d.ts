// The package has no types of its own; what the test calls of it.
declare module "http_ece" {
  export function decrypt(
    body: Buffer,
    params: { version: "aes128gcm"; privateKey: import("node:crypto").ECDH; authSecret: string },
  ): Buffer;
}
