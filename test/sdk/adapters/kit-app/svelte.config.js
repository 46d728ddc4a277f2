// The smallest SvelteKit app there can be, for sveltekit.test.ts: one hook, one guarded endpoint.
export default {};
