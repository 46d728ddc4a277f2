// Files read as text by tests inside workerd, which has no file system (Vite's `?raw`).
declare module "*?raw" {
  const text: string;
  export default text;
}
