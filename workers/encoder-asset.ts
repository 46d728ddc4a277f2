// Where the encoder's file is kept: an asset of the Worker, read when the first text is to be encoded and never sent to
// anyone. Versioned by name, so that a Worker and its file always fit.

export const ENCODER_ASSET = "use-lite-en-int8-1.bin";
