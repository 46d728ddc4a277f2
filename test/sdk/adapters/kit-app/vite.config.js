import { sveltekit } from "@sveltejs/kit/vite";

export default { plugins: [sveltekit()], cacheDir: ".svelte-kit/vite", logLevel: "error", clearScreen: false };
