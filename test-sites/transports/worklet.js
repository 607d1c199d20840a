// A worklet cannot send. What it imports is asked for all the same.
import "https://tracker.test/t?tag=worklet-import&as=js";
