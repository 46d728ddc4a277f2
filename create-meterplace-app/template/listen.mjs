// npm run listen: brings your app's webhooks to this machine, signed with WEBHOOK_SECRET. Type t for a test event, q to stop.

process.argv.push("listen", "--forward", new URL("meterplace/webhooks", process.env.APP_URL).href);
await import(new URL("node_modules/@meterplace/sdk/dist/cli.js", import.meta.url));
