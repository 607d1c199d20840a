// A worker that is a module: its imports are requests too.
import "https://tracker.test/t?tag=module-worker-import&as=js";
fetch("https://tracker.test/t?tag=module-worker-fetch", { method: "POST", credentials: "include", body: "from a module" });
