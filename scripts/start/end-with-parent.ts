// Loaded before a child's own code (`node --import`): when the launcher is gone, however it went, its channel closes and
// the child ends with it, so that no port stays taken.

process.on("disconnect", () => process.exit(0));
