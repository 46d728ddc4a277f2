// Entry of `sdk.js`: the meter with the bar.

import { install } from "../browser/global.ts";
import { withBar } from "./with-bar.ts";

install(withBar);
